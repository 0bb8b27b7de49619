import { Agent, get } from "node:http";
import { makeServer } from "../src/http-server.ts";
import { startApp, type TestApp } from "./support/app.ts";

/** Proxies and load balancers keep an idle connection open this long. */
const PROXY_KEEP_ALIVE_S = 60;

describe("an idle connection", () => {
  let app: TestApp;
  const client = new Agent({ keepAlive: true, maxSockets: 1 });
  beforeAll(async () => {
    app = await startApp({ redisUrl: () => undefined }, { services: ["api,mcp"] });
  });
  afterAll(async () => {
    client.destroy();
    await app?.stop();
  });

  const request = (path: string) =>
    new Promise<{ reused: boolean; keepAlive: string }>((resolve, reject) => {
      const sent = get(new URL(path, app.url), { agent: client }, (response) => {
        const keepAlive = String(response.headers["keep-alive"]);
        response.resume().once("end", () => resolve({ reused: sent.reusedSocket, keepAlive }));
      });
      sent.once("error", reject);
    });

  it.each(["/healthz", "/mcp", "/nowhere"])(
    "stays open longer than proxies keep theirs, after %s",
    async (path) => {
      // Node closes the connection after the time that it announces.
      const { keepAlive } = await request(path);
      const announced = Number(/^timeout=(\d+)$/.exec(keepAlive)?.[1]);
      expect(announced).toBeGreaterThan(PROXY_KEEP_ALIVE_S);
      expect(await request(path)).toEqual({ reused: true, keepAlive });
    },
  );

  it("is not closed earlier by the time limit for headers", () => {
    const { keepAliveTimeout, headersTimeout } = makeServer();
    expect(headersTimeout).toBeGreaterThan(keepAliveTimeout);
  });
});
