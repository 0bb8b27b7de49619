import { randomUUID } from "node:crypto";
import { rows } from "../../src/entities/database.ts";
import { eachBackend } from "../support/backends.ts";
import { acceptedJob, allOnce, requestFor, verdictOn } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { aHouse, type House, SHORT_SILENCE } from "../support/house.ts";
import { spawnStopping, stopped } from "../support/stopping.ts";

const CALLERS = 20;

eachBackend("an API killed after it wrote requests and before it answered", (backend) => {
  let house: House;
  beforeAll(async () => {
    house = await aHouse(backend, { services: ["api,mcp", "worker"], env: SHORT_SILENCE });
  });
  afterAll(() => house.stop());

  const calls = Array.from({ length: CALLERS }, (_, i) => ({ key: randomUUID(), name: `Caller ${i}` }));
  const retry = ({ key, name }: (typeof calls)[number]) =>
    house.agent("POST", "/api/actions", requestFor(name), { "idempotency-key": key });

  it("answers each retry of the same key with the same job, which happens once", async () => {
    const dying = await spawnStopping(house, "api", {
      step: "request written",
      signal: "SIGKILL",
      nth: CALLERS,
    });
    const asked = calls.map(({ key, name }) =>
      fetch(new URL("/api/actions", dying.url), {
        method: "POST",
        headers: {
          authorization: `Bearer ${house.token}`,
          "content-type": "application/json",
          "idempotency-key": key,
        },
        body: JSON.stringify(requestFor(name)),
      }),
    );
    const heard = await Promise.allSettled(asked);
    await stopped(dying);
    expect(heard.some(({ status }) => status === "rejected")).toBe(true); // Written in the last round, and cut off.

    const written = await rows<{ id: string; idempotency_key: string }>(
      house.db.manager,
      "SELECT id, idempotency_key FROM job WHERE idempotency_key = ANY($1)",
      [calls.map(({ key }) => key)],
    );
    const jobOf = new Map(written.map(({ id, idempotency_key }) => [idempotency_key, id]));
    const retried = await Promise.all(calls.map(retry));
    expect(retried.map(acceptedJob)).toEqual(calls.map(({ key }) => jobOf.get(key)));

    const accepted = calls.map(({ key, name }) => ({ name, jobId: jobOf.get(key) ?? "" }));
    await eventually(async () => expect(await verdictOn(house, accepted)).toEqual(allOnce(accepted)));
    expect((await Promise.all(calls.map(retry))).map(acceptedJob)).toEqual(retried.map(acceptedJob));
    expect(await verdictOn(house, accepted)).toEqual(allOnce(accepted));
  });

  it("refuses the same key with other content", async () => {
    const others = await Promise.all(calls.map(({ key }) => retry({ key, name: "Somebody else" })));
    expect(others.map(({ status, body }) => [status, body.error.code])).toEqual(
      calls.map(() => [409, "idempotency_conflict"]),
    );
  });
});
