import { makeJobWriter, MOST_COSTLY } from "../../src/crm/submit.ts";
import { connect } from "../../src/database/data-source.ts";
import { newId } from "../../src/domain/core/ids.ts";
import type { Principal } from "../../src/domain/core/principal.ts";
import { Job } from "../../src/entities/job.ts";
import { clock } from "../support/act.ts";
import type { TestDatabase } from "../support/database.ts";
import { aContact } from "../support/factories.ts";
import { asOwner } from "../support/flush-queue.ts";
import { agent, office, otherAgent, type Pipeline } from "../support/pipeline.ts";
import { testRegistry } from "../support/probe-actions.ts";
import { submitting } from "../support/submitting.ts";

describe("submit", () => {
  const { now, submit } = submitting();
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeEach(() => void ({ test, pipeline, id } = now()));

  describe("of costly requests", () => {
    let actor: Principal;
    beforeEach(() => void (actor = { ...agent, id: newId("token") }));

    const dryRun = { dry_run: true };
    const refused = { code: "rate_limited", body: { retryable: true, retry_after_seconds: 3 } };
    const unfinished = () => test.db.manager.countBy(Job, { principal: `agent:${actor.id}`, costly: true });
    const fill = () => Promise.all(Array.from({ length: MOST_COSTLY }, () => submit({ id }, dryRun, actor)));
    const bulk = (count: number) =>
      pipeline.submit(actor, "contact.bulk_delete", {
        ids: Array.from({ length: count }, () => newId("contact")),
      });

    it("refuses one more than the limit and names the limit", async () => {
      await fill();
      await expect(submit({ id }, dryRun, actor)).rejects.toMatchObject({
        ...refused,
        body: { limit: "8 unfinished dry runs, undos and requests for more than 5 records per token" },
      });
      await expect(bulk(6)).rejects.toMatchObject(refused);
      expect(await unfinished()).toBe(MOST_COSTLY);
    });

    it("counts a request for six records and an undo, and no other request", async () => {
      for (let nth = 1; nth < MOST_COSTLY; nth++) await bulk(6);
      await pipeline.submit(actor, "job.undo", { job_id: newId("job") });
      await expect(submit({ id }, dryRun, actor)).rejects.toMatchObject(refused);
      await Promise.all(Array.from({ length: 20 }, () => submit({ id }, {}, actor)));
      await bulk(5);
      expect(await unfinished()).toBe(MOST_COSTLY);
    });

    it("accepts as many as the limit of 64 at once in two processes", async () => {
      // Each process has written before the other one commits.
      await asOwner(
        test.url,
        `CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END';
         CREATE TRIGGER linger AFTER INSERT ON job EXECUTE FUNCTION linger()`,
      );
      const elsewhere = await connect(test.url);
      const writers = [
        makeJobWriter(test.db, testRegistry, { clock }),
        makeJobWriter(elsewhere, testRegistry, { clock }),
      ];
      const request = { domain: "probe", action: "note", data: { id }, ...dryRun };
      const all = await Promise.allSettled(
        writers.flatMap((write) => Array.from({ length: 32 }, () => write(actor, request))),
      );
      await elsewhere.destroy();
      await asOwner(test.url, "DROP FUNCTION linger CASCADE");
      expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(MOST_COSTLY);
      for (const one of all) if (one.status === "rejected") expect(one.reason).toMatchObject(refused);
      expect(await unfinished()).toBe(MOST_COSTLY);
    });

    it("returns the job of a key that is known, and counts one key at once as one request", async () => {
      const keyed = (key: string) => submit({ id }, { ...dryRun, idempotency_key: key }, actor);
      const same = await Promise.all(Array.from({ length: 20 }, () => keyed("one")));
      expect(new Set(same).size).toBe(1);
      const others = Array.from({ length: MOST_COSTLY - 1 }, (_, nth) => `other ${nth}`);
      await Promise.all(others.flatMap((key) => [keyed(key), keyed(key)]));
      await expect(keyed("one more")).rejects.toMatchObject(refused);
      expect(await keyed("one")).toBe(same[0]);
      const conflicting = submit({ id, notes: "other" }, { ...dryRun, idempotency_key: "one" }, actor);
      await expect(conflicting).rejects.toMatchObject({ code: "idempotency_conflict" });
    });

    it("gives a place back when a job has ended or waits for a person", async () => {
      const [first = ""] = await fill();
      await pipeline.run(first);
      const { id: customer } = await aContact(test.db);
      const more = Array.from({ length: 5 }, () => aContact(test.db));
      const ids = [customer, ...(await Promise.all(more)).map((contact) => contact.id)];
      const parked = await pipeline.ask(actor, "contact.bulk_delete", { ids });
      expect(parked).toMatchObject({ status: "authorization_required", costly: true });
      await submit({ id }, dryRun, actor);
      await expect(submit({ id }, dryRun, actor)).rejects.toMatchObject(refused);
    });

    it("limits no other agent and no person", async () => {
      await fill();
      await submit({ id }, dryRun, otherAgent);
      for (let nth = 0; nth <= MOST_COSTLY; nth++) await submit({ id }, dryRun, office);
    });
  });
});
