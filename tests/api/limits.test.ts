import { createAgentToken } from "../../src/api/accounts.ts";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";

let door: FrontDoor;
let release: () => void;
const held = new Promise<void>((resolve) => {
  release = resolve;
});

beforeAll(async () => {
  door = await openFrontDoor({
    limits: { callsPerMinute: 8, waits: 2 },
    tools: { list: () => [], call: () => held.then(() => ({ ended: true })) },
  });
});
afterAll(() => door.close());

const aToken = async () => {
  const { token } = await createAgentToken(door.db, "Busy");
  return { authorization: `Bearer ${token}` };
};

describe("an agent's token", () => {
  it("has so many calls a minute, and the next token its own", async () => {
    const headers = await aToken();
    for (let calls = 0; calls < 8; calls++)
      expect((await door.ask("/api/contacts", { headers })).status).toBe(200);
    const stopped = await door.ask("/api/contacts", { headers });
    expect(stopped.status).toBe(429);
    expect(stopped.json.error).toMatchObject({ code: "rate_limited", retryable: true });
    expect(stopped.json.error?.message).toContain("8 calls per minute");
    expect(Number(stopped.headers["retry-after"])).toBeGreaterThan(0);
    expect((await door.ask("/mcp", { method: "POST", headers, body: {} })).status).toBe(429);
    expect((await door.ask("/api/contacts", { headers: await aToken() })).status).toBe(200);
  });

  it("has so many waiting requests at once, and gets them back when they end", async () => {
    const headers = await aToken();
    const wait = () => door.ask("/api/tools/any", { method: "POST", headers, body: {} });
    const answers: number[] = [];
    const three = [wait(), wait(), wait()].map(async (each) => void answers.push((await each).status));
    await Promise.race(three);
    expect(answers).toEqual([429]);
    release();
    await Promise.all(three);
    expect(answers).toEqual([429, 200, 200]);
    expect((await wait()).status).toBe(200);
  });
});

describe("people", () => {
  it("are not counted", async () => {
    const owner = await door.signIn();
    for (let calls = 0; calls < 12; calls++)
      expect((await door.asPerson(owner, "/api/contacts")).status).toBe(200);
  });
});
