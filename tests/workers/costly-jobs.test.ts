import { COSTLY_CONCURRENCY } from "../../src/workers/job-workers.ts";
import { MOST_COSTLY } from "../../src/crm/submit.ts";
import { eachBackend } from "../support/backends.ts";
import { aCrm, type TestCrm } from "../support/crm.ts";
import { eventually } from "../support/eventually.ts";
import { aContact } from "../support/factories.ts";
import { agent, otherAgent, owner } from "../support/pipeline.ts";
import { note, withActions } from "../support/probe-actions.ts";

eachBackend("costly jobs of two agents", (backend) => {
  let on: TestCrm;
  let open: () => void;
  let running = 0;
  let most = 0;
  const opened = new Promise<void>((resolve) => (open = resolve));
  /** As `note`, but a run takes until the gate opens. */
  const ponder = {
    ...note,
    name: "ponder",
    async handler(...call: Parameters<typeof note.handler>) {
      most = Math.max(most, ++running);
      await opened;
      running--;
      return note.handler(...call);
    },
  };
  beforeAll(async () => void (on = await aCrm(backend, withActions(ponder))));
  afterAll(async () => {
    open();
    await on.close();
  });

  it("run one at a time in a worker process, while the ordinary jobs of everybody run at once", async () => {
    const { id } = await aContact(on.db);
    const request = { domain: "probe", action: "ponder", data: { id }, dry_run: true };
    const actors = [agent, otherAgent].flatMap((actor) => Array<typeof agent>(MOST_COSTLY).fill(actor));
    const jobs = await Promise.all(actors.map((actor) => on.crm.submit(actor, request)));
    await eventually(async () => expect(running).toBe(COSTLY_CONCURRENCY));
    for (const actor of [agent, otherAgent, owner])
      expect(await on.ask(actor, "probe.note", { id })).toMatchObject({ status: "completed" });
    expect(most).toBe(COSTLY_CONCURRENCY);
    open();
    for (const { job_id } of jobs)
      await eventually(async () =>
        expect(await on.crm.job(owner, job_id, 5)).toMatchObject({ status: "completed" }),
      );
    expect(most).toBe(COSTLY_CONCURRENCY);
  });
});
