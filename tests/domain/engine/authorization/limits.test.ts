import type { Action, Context } from "../../../../src/domain/core/action.ts";
import { manyIds } from "../../../../src/domain/core/fields.ts";
import { idOf, newId } from "../../../../src/domain/core/ids.ts";
import { insert, update } from "../../../../src/domain/core/records.ts";
import { MOST_PREVIEW_BYTES } from "../../../../src/domain/engine/preview.ts";
import { Service } from "../../../../src/entities/service.ts";
import { Authorization } from "../../../../src/entities/authorization.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { aContact } from "../../../support/factories.ts";
import {
  agent,
  type JobRow,
  makePipeline,
  office,
  otherAgent,
  type Pipeline,
  testPipeline,
} from "../../../support/pipeline.ts";
import { stepOf, swear, testRegistry, withActions } from "../../../support/probe-actions.ts";

let test: TestDatabase;
let pipeline: Pipeline;
beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
afterAll(() => test.drop());

const swearAt = (id: string, notes: string, actor = agent) =>
  pipeline.ask(actor, "probe.swear", { id, notes });
const parked = { status: "authorization_required" };

describe("requests for one record and action", () => {
  let id: string;
  let first: JobRow[];
  beforeEach(async () => {
    ({ id } = await aContact(test.db));
    first = [await swearAt(id, "one"), await swearAt(id, "two"), await swearAt(id, "three")];
  });

  it("wait for a person up to three; the fourth is refused and names them", async () => {
    expect(first).toMatchObject([parked, parked, parked]);
    const refused = await swearAt(id, "four");
    expect(refused).toMatchObject({ status: "failed", error: { code: "conflict" }, queue_id: null });
    expect(refused.error?.["pending"]).toEqual(
      first.map(({ id: job_id, queue_id }) => ({ job_id, queue_id })),
    );
    for (const job of first) expect(refused.error?.["message"]).toContain(job.id);
  });

  it("count for all agents together, and another agent's are not named", async () => {
    const refused = await swearAt(id, "four", otherAgent);
    expect(refused).toMatchObject({ status: "failed", error: { code: "conflict", pending: [] } });
    expect(refused.error?.["message"]).toContain("3 of other agents");
    expect(JSON.stringify(refused.error)).not.toMatch(/job_\w{26}|auth_/);
  });

  it("count again only while they are pending", async () => {
    const [decided] = first;
    if (decided) await pipeline.answer(decided, { decision: "denied" });
    expect(await swearAt(id, "four")).toMatchObject(parked);
    expect(await swearAt(id, "five")).toMatchObject({ status: "failed" });
    await test.db.manager.update(Authorization, first[1]?.queue_id ?? "", { expires_at: new Date(0) });
    expect(await swearAt(id, "six")).toMatchObject(parked);
  });

  it("do not limit other records, other actions and people", async () => {
    const other = await aContact(test.db);
    expect(await swearAt(other.id, "one")).toMatchObject(parked);
    expect(await pipeline.ask(agent, "probe.spend", { id, cents: 1 })).toMatchObject(parked);
    expect(await swearAt(id, "four", office)).toMatchObject(parked);
  });

  it("are counted by the records of inner calls too", async () => {
    const script = (notes: string) =>
      pipeline.ask(agent, "probe.script", { steps: [stepOf("swear", { id, notes })] });
    expect(await script("one")).toMatchObject(parked);
    expect(await script("two")).toMatchObject(parked);
    expect(await script("three")).toMatchObject(parked);
    expect(await script("four")).toMatchObject({ status: "failed", error: { code: "conflict" } });
  });
});

describe("requests of one agent", () => {
  it("wait for a person up to the limit, and concurrent ones do not exceed it", async () => {
    const limit = 5;
    const someone = { ...agent, id: newId("token") };
    const limited = makePipeline(test.db, testRegistry, { mostPending: limit });
    const contacts = await Promise.all(Array.from({ length: 9 }, () => aContact(test.db)));
    const jobs = await Promise.all(contacts.map(({ id }) => limited.ask(someone, "probe.swear", { id })));
    const waiting = jobs.filter(({ status }) => status === "authorization_required");
    expect(waiting).toHaveLength(limit);
    for (const job of jobs.filter((one) => !waiting.includes(one)))
      expect(job).toMatchObject({
        status: "failed",
        error: {
          code: "rate_limited",
          retryable: true,
          message: expect.stringContaining(`limit is ${limit}`),
        },
      });
    const { id } = await aContact(test.db);
    expect(await limited.ask(otherAgent, "probe.swear", { id })).toMatchObject(parked);
    const [one] = waiting;
    if (one) await limited.answer(one);
    expect(await limited.ask(someone, "probe.swear", { id })).toMatchObject(parked);
  });

  it("are refused before a preview is computed when too many wait already", async () => {
    const runs: string[] = [];
    const pondering = {
      ...swear,
      name: "ponder",
      handler(...[context, input]: Parameters<typeof swear.handler>) {
        runs.push(input.notes);
        return swear.handler(context, input);
      },
    };
    const limited = makePipeline(test.db, withActions(pondering), { mostPending: 4 });
    const someone = { ...agent, id: newId("token") };
    const ask = (id: string, notes: string) => limited.ask(someone, "probe.ponder", { id, notes });
    const [one, other] = [await aContact(test.db), await aContact(test.db)];
    for (const notes of ["one", "two", "three"]) expect(await ask(one.id, notes)).toMatchObject(parked);
    expect(await ask(one.id, "of this record")).toMatchObject({ error: { code: "conflict" } });
    expect(await ask(other.id, "four")).toMatchObject(parked);
    expect(await ask(other.id, "of this agent")).toMatchObject({ error: { code: "rate_limited" } });
    expect(runs).toEqual(["one", "two", "three", "four"]);
  });

  it("are limited to 100 unless the operator says otherwise", async () => {
    const someone = { ...agent, id: newId("token") };
    const { id } = await aContact(test.db);
    const first = await pipeline.ask(someone, "probe.swear", { id });
    await copies(first, 98);
    expect(await pipeline.ask(someone, "probe.swear", { id: (await aContact(test.db)).id })).toMatchObject(
      parked,
    );
    expect(await pipeline.ask(someone, "probe.swear", { id: (await aContact(test.db)).id })).toMatchObject({
      error: {
        code: "rate_limited",
        pending: expect.arrayContaining([{ job_id: first.id, queue_id: first.queue_id }]),
      },
    });
  });

  /** Copies a parked job and its authorization, for other records. */
  async function copies({ id, queue_id }: JobRow, count: number): Promise<void> {
    await test.db.query(
      `WITH job AS (
         INSERT INTO job (id, action, input, digest, principal, principal_kind, principal_name, status)
         SELECT id || n, action, input, digest || n, principal, principal_kind, principal_name, status
         FROM job, generate_series(1, $2) n WHERE id = $1 RETURNING id)
       INSERT INTO "authorization" (id, job_id, title, reason, causes, facts, preview, digest, expires_at)
       SELECT a.id || job.id, job.id, title, reason, causes, facts, preview, digest, expires_at
       FROM "authorization" a, job WHERE a.id = $3`,
      [id, count, queue_id],
    );
  }
});

describe("a preview", () => {
  it("has at most 1,000,000 bytes", () => expect(MOST_PREVIEW_BYTES).toBe(1_000_000));

  /** A request whose preview is as long as these notes, and some more. */
  const ask = async (length: number) => swearAt((await aContact(test.db)).id, "n".repeat(length));
  const bytesOf = async (job: JobRow) =>
    Buffer.byteLength(JSON.stringify((await pipeline.question(job)).preview));

  it("of 1 MB is parked, and with one byte more the request is refused with what to do", async () => {
    const rest = (await bytesOf(await ask(1))) - 1;
    const largest = await ask(MOST_PREVIEW_BYTES - rest);
    expect(largest).toMatchObject(parked);
    expect(await bytesOf(largest)).toBe(MOST_PREVIEW_BYTES);
    expect(await ask(MOST_PREVIEW_BYTES - rest + 1)).toMatchObject({
      status: "failed",
      error: {
        code: "too_large",
        limit_bytes: MOST_PREVIEW_BYTES,
        hint: expect.stringContaining("fewer records"),
      },
    });
  });

  it("larger than 1 MB is refused for a dry run too", async () => {
    const { id } = await aContact(test.db);
    const notes = "n".repeat(MOST_PREVIEW_BYTES);
    const job = await pipeline.ask(agent, "probe.note", { id, notes }, { dry_run: true });
    expect(job).toMatchObject({ status: "failed", error: { code: "too_large" }, result: null });
  });

  it("is refused without being read when the recorded rows are larger than 20 MB", async () => {
    const rewrite: Action = {
      ...swear,
      name: "rewrite",
      async handler(context: Context) {
        let service = await insert<Service>(context, Service, { name: "Gutters", unit_price_cents: 9_000 });
        for (const letter of "abcdef")
          service = await update(context, service, { description: letter.repeat(2_000_000) });
        return update(context, service, { description: "short" });
      },
    };
    const rewriting = makePipeline(test.db, withActions(rewrite));
    const job = await rewriting.ask(agent, "probe.rewrite", { id: (await aContact(test.db)).id });
    expect(job).toMatchObject({ status: "failed", error: { code: "too_large", changes: 8 } });
  });
});

describe("a bulk action", () => {
  it("takes 100 ids and no more", () => {
    const ids = (count: number) => Array.from({ length: count }, () => newId("contact"));
    expect(manyIds(idOf("contact")).safeParse(ids(100)).success).toBe(true);
    expect(manyIds(idOf("contact")).safeParse(ids(101)).success).toBe(false);
  });
});
