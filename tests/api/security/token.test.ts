import { ApiToken } from "../../../src/entities/api-token.ts";
import { startApi, type TestApi } from "../test-app.ts";

const MINUTE_MS = 60_000;
let time = new Date("2026-11-23T15:00:00Z");
let api: TestApi;
beforeAll(async () => {
  api = await startApi({ now: () => time });
});
afterAll(() => api.close());

const lastUsed = async () =>
  (await api.db.getRepository(ApiToken).findOneByOrFail({ id: api.agent.id })).last_used_at;

describe("a token's last_used_at, over the whole app,", () => {
  it("is the time of the first use, and changes only with a use more than a minute later", async () => {
    const first = time;
    await api.asAgent("/api/contacts");
    expect(await lastUsed()).toEqual(first);
    time = new Date(first.getTime() + MINUTE_MS / 2);
    await api.asAgent("/api/contacts");
    expect(await lastUsed()).toEqual(first);
    time = new Date(first.getTime() + 2 * MINUTE_MS);
    await api.asAgent("/api/contacts");
    expect(await lastUsed()).toEqual(time);
  });
});
