import { startApi, type TestApi } from "../test-app.ts";

describe("a tool over HTTP that changes something", () => {
  let api: TestApi;
  beforeAll(async () => void (api = await startApi()));
  afterAll(() => api.close());

  const create = (name: string, headers: Record<string, string>, more: object = {}) =>
    api.asAgent("/api/tools/crm_action", {
      method: "POST",
      headers,
      body: { domain: "contact", action: "create", data: { kind: "person", name }, wait_seconds: 0, ...more },
    });
  const jobOf = async (answer: ReturnType<typeof create>) => (await answer).json.data?.["job_id"];

  it("takes its key from the header Idempotency-Key too", async () => {
    const key = { "Idempotency-Key": "anna-1" };
    const first = await jobOf(create("Anna", key));
    expect(first).toMatch(/^job_/);
    expect(await jobOf(create("Anna", key))).toBe(first);
    expect((await create("Berta", key)).json.error).toMatchObject({ code: "idempotency_conflict" });
    expect(await jobOf(create("Anna", {}))).not.toBe(first);
  });

  it("prefers the key in the body", async () => {
    const first = await jobOf(create("Clara", {}, { idempotency_key: "clara-1" }));
    const again = create("Clara", { "Idempotency-Key": "clara-2" }, { idempotency_key: "clara-1" });
    expect(await jobOf(again)).toBe(first);
  });
});
