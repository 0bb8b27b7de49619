import { QueryFailedError } from "typeorm";
import { startApi } from "./test-app.ts";

describe("an unexpected error", () => {
  const secret = "johnson@example.com";
  const failing = (error: unknown) => ({
    ask: { method: "POST", body: {} },
    tools: { list: () => [], schemas: () => ({ input: {}, output: {} }), call: () => Promise.reject(error) },
  });

  it("returns 500 with a reference that is also in the log, and no customer data", async () => {
    const query = new QueryFailedError(
      "SELECT secret FROM contact",
      [secret],
      new Error(`bad value "${secret}"`),
    );
    const { ask, tools } = failing(query);
    const broken = await startApi({ tools });
    try {
      const answer = await broken.asAgent("/api/tools/any", ask);
      expect(answer.status).toBe(500);
      expect(answer.json.error).toMatchObject({
        code: "internal",
        reference: expect.stringMatching(/^err_/),
      });
      expect(answer.text).not.toMatch(/SELECT|johnson|at .*\.ts/);
      const reference = /err_\w+/.exec(answer.text)?.[0] ?? "none";
      const line = broken.log.find((each) => each.includes(reference));
      expect(line).toContain("unexpected error");
      expect(broken.log.join("")).not.toContain(secret);
    } finally {
      await broken.close();
    }
  });

  it.each([
    ["refused connection", Object.assign(new Error("connect"), { code: "ECONNREFUSED" })],
    ["shutdown", Object.assign(new Error("terminating"), { code: "57P01" })],
    ["lost connection", Object.assign(new Error("x"), { code: "08006" })],
    ["empty pool", new Error("timeout exceeded when trying to connect")],
  ])("returns 503 when the database is down: %s", async (_what, error) => {
    const { ask, tools } = failing(error);
    const broken = await startApi({ tools });
    try {
      const answer = await broken.asAgent("/api/tools/any", ask);
      expect(answer.status).toBe(503);
      expect(answer.json.error).toMatchObject({ code: "unavailable", retryable: true });
    } finally {
      await broken.close();
    }
  });
});
