import { makeMetrics, type Metrics } from "../../src/crm/metrics.ts";
import type { Backend } from "../../src/queue/index.ts";
import { makeRelay } from "../../src/workers/relay.ts";
import { anyBackend } from "../support/backends.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aContact } from "../support/factories.ts";
import { asOwner } from "../support/flush-queue.ts";
import { agent, makePipeline, type Pipeline } from "../support/pipeline.ts";

anyBackend("metrics", (backend) => {
  let test: TestDatabase;
  let queues: Backend;
  let metrics: Metrics;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => {
    test = await testDatabase();
    queues = await backend.connect(test.url);
    metrics = makeMetrics(test.db, queues, { waiting: () => 3, sharedMs: 0 });
    pipeline = makePipeline(test.db);
    ({ id } = await aContact(test.db));
  });
  afterAll(async () => {
    await queues.close();
    await test.drop();
  });

  /** The values of one family by their labels. */
  async function values(name: string): Promise<Record<string, number>> {
    const lines = (await metrics.text()).split("\n").filter((line) => line.startsWith(name));
    return Object.fromEntries(
      lines.map((line) => {
        const space = line.lastIndexOf(" ");
        return [line.slice(name.length, space), Number(line.slice(space + 1))];
      }),
    );
  }

  it("are in the Prometheus text format and include the process's own figures", async () => {
    const lines = (await metrics.text()).split("\n").filter(Boolean);
    const sample = /^[a-z_:][a-z0-9_:]*(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (-?[0-9.e+-]+|NaN)$/;
    for (const line of lines) expect(line).toMatch(line.startsWith("#") ? /^# (HELP|TYPE) \S+ .+$/ : sample);
    const names = lines.filter((line) => line.startsWith("# TYPE")).map((line) => line.split(" ")[2]);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("process_cpu_user_seconds_total");
    expect(await values("countersign_waiting_callers")).toEqual({ "": 3 });
  });

  it("count each job once by action and status, however often they are read", async () => {
    await pipeline.ask(agent, "probe.note", { id });
    await asOwner(
      test.url,
      "SET session_replication_role = replica; UPDATE job SET finished_at = finished_at - interval '1 hour', created_at = created_at - interval '1 hour', started_at = started_at - interval '1 hour'",
    );
    await pipeline.ask(agent, "probe.note", { id });
    await pipeline.ask(agent, "probe.stumble", { id, over: "refusal" });
    await pipeline.submit(agent, "probe.note", { id });
    const expected = {
      '{action="probe.note",status="completed"}': 2,
      '{action="probe.note",status="queued"}': 1,
      '{action="probe.stumble",status="failed"}': 1,
    };
    metrics = makeMetrics(test.db, queues, { waiting: () => 3, sharedMs: 0 }); // As after a restart: what is old counts too.
    for (let scrape = 0; scrape < 3; scrape++)
      expect(await values("countersign_jobs")).toMatchObject(expected);
  });

  it("measure the duration of jobs that needed no person", async () => {
    await pipeline.answer(await pipeline.ask(agent, "probe.swear", { id }));
    for (const name of ["countersign_job_seconds", "countersign_job_execution_seconds"]) {
      const counts = await values(`${name}_count`);
      expect(counts).toEqual({ '{action="probe.note"}': 2, '{action="probe.stumble"}': 1 });
      const buckets = Object.entries(await values(`${name}_bucket`)).filter(([label]) =>
        label.includes("note"),
      );
      const sizes = buckets.map(([, size]) => size);
      expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
      expect(buckets.at(-1)).toEqual(['{action="probe.note",le="+Inf"}', 2]);
      expect((await values(`${name}_sum`))['{action="probe.note"}']).toBeGreaterThan(0);
    }
  });

  it("show how many jobs wait for a person, and since when", async () => {
    expect(await values("countersign_parked")).toEqual({ "": 0, _oldest_seconds: 0 });
    await pipeline.ask(agent, "probe.swear", { id });
    const parked = await values("countersign_parked");
    expect(parked).toEqual({ "": 1, _oldest_seconds: expect.any(Number) });
    expect(parked["_oldest_seconds"]).toBeGreaterThan(0);
  });

  it("count the jobs that the relay dispatched again and the jobs in the queues", async () => {
    expect(await values("countersign_relay_resends_total")).toEqual({ "": 0 });
    await test.db.query("UPDATE job SET dispatched_at = now() - interval '1 minute' WHERE status = 'queued'");
    const relay = makeRelay({ db: test.db, queues, silenceMs: 10_000 }, () => undefined);
    await relay.sweep();
    await relay.close();
    expect(await values("countersign_relay_resends_total")).toEqual({ "": 1 });
    expect(await values("countersign_queue_jobs")).toMatchObject({
      '{queue="actions",state="waiting"}': 1,
      '{queue="awaiting-authorization",state="delayed"}': 0,
    });
  });

  it("count waiting callers by outcome", async () => {
    metrics.waited("ended", 0.004);
    metrics.waited("open", 20);
    expect(await values("countersign_wait_seconds_count")).toEqual({
      '{outcome="ended"}': 1,
      '{outcome="open"}': 1,
    });
    expect(await values("countersign_wait_seconds_bucket")).toMatchObject({
      '{le="0.002",outcome="ended"}': 0,
      '{le="0.005",outcome="ended"}': 1,
    });
  });

  it("share a reading of the database, but not the callers that wait", async () => {
    let waiting = 1;
    const { text } = makeMetrics(test.db, queues, { waiting: () => waiting, sharedMs: 60_000 });
    const [first, second] = await Promise.all([text(), text()]);
    const own = await aContact(test.db);
    await pipeline.ask(agent, "probe.remark", { id: own.id });
    waiting = 2;
    const third = await text();
    for (const each of [first, second, third]) expect(each).not.toContain("probe.remark");
    expect(third).toContain("countersign_waiting_callers 2");
    expect((await values("countersign_jobs"))['{action="probe.remark",status="completed"}']).toBe(1);
  });

  it("are still returned, with the part marked as down, when the database or the queue is down", async () => {
    const up = '{part="database"}';
    const queue = '{part="queue"}';
    expect(await values("countersign_up")).toEqual({ [up]: 1, [queue]: 1 });
    await queues.close();
    await test.db.destroy();
    expect(await values("countersign_up")).toEqual({ [up]: 0, [queue]: 0 });
    expect(await values("countersign_jobs")).toEqual({});
  });
});
