import { randomUUID } from "node:crypto";
import { rows } from "../../src/database/sql.ts";
import { anyBackend } from "../support/backends.ts";
import { acceptedJob, allCompletedOnce, requestFor, outcomeOf } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { startApp, type TestApp, SHORT_SILENCE } from "../support/app.ts";
import { spawnStopping, stopTogether } from "../support/stopping.ts";

const CALLERS = 20;

anyBackend("an API killed after it wrote requests and before it answered", (backend) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp(backend, { services: ["api,mcp", "worker"], env: SHORT_SILENCE });
  });
  afterAll(() => app.stop());

  const calls = Array.from({ length: CALLERS }, (_, i) => ({ key: randomUUID(), name: `Caller ${i}` }));
  const retry = ({ key, name }: (typeof calls)[number]) =>
    app.agent("POST", "/api/actions", requestFor(name), { "idempotency-key": key });

  it("answers each retry of the same key with the same job, which runs once", async () => {
    const dying = await spawnStopping(app, "api", { step: "request written", nth: CALLERS });
    const asked = calls.map(({ key, name }) =>
      fetch(new URL("/api/actions", dying.url), {
        method: "POST",
        headers: {
          authorization: `Bearer ${app.token}`,
          "content-type": "application/json",
          "idempotency-key": key,
        },
        body: JSON.stringify(requestFor(name)),
      }),
    );
    const answered = Promise.allSettled(asked);
    await stopTogether([dying], "SIGKILL");
    const responses = await answered;
    expect(responses.some(({ status }) => status === "rejected")).toBe(true); // Written, but killed before the response.

    const written = await rows<{ id: string; idempotency_key: string }>(
      app.db.manager,
      "SELECT id, idempotency_key FROM job WHERE idempotency_key = ANY($1)",
      [calls.map(({ key }) => key)],
    );
    const jobOf = new Map(written.map(({ id, idempotency_key }) => [idempotency_key, id]));
    const retried = await Promise.all(calls.map(retry));
    expect(retried.map(acceptedJob)).toEqual(calls.map(({ key }) => jobOf.get(key)));

    const accepted = calls.map(({ key, name }) => ({ name, jobId: jobOf.get(key) ?? "" }));
    await eventually(async () => expect(await outcomeOf(app, accepted)).toEqual(allCompletedOnce(accepted)));
    expect((await Promise.all(calls.map(retry))).map(acceptedJob)).toEqual(retried.map(acceptedJob));
    expect(await outcomeOf(app, accepted)).toEqual(allCompletedOnce(accepted));
  });

  it("refuses the same key with other content", async () => {
    const others = await Promise.all(calls.map(({ key }) => retry({ key, name: "Somebody else" })));
    expect(others.map(({ status, body }) => [status, body.error.code])).toEqual(
      calls.map(() => [409, "idempotency_conflict"]),
    );
  });
});
