import { readAudit } from "../../../../src/domain/engine/audit/read.ts";
import { Authorization } from "../../../../src/entities/authorization.ts";
import { Change } from "../../../../src/entities/change.ts";
import { Contact } from "../../../../src/entities/contact.ts";
import { refusal } from "../../../support/act.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { aContact } from "../../../support/factories.ts";
import { agent, type JobRow, office, owner, type Pipeline, testPipeline } from "../../../support/pipeline.ts";

let test: TestDatabase;
let pipeline: Pipeline;
let id: string;
beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
afterAll(() => test.drop());
beforeEach(async () => void ({ id } = await aContact(test.db)));

const parked = (cents = 90_000): Promise<JobRow> =>
  pipeline.ask(agent, "probe.spend", { id, notes: "as asked", cents });
const notes = async (of = id) => (await test.db.manager.findOneByOrFail(Contact, { id: of })).notes;
const stored = (queue: string | null) => test.db.manager.findOneByOrFail(Authorization, { id: queue ?? "" });

describe("an edit of a pending request", () => {
  it("asks anew, with a preview, facts and a reason of its own, and changes nothing yet", async () => {
    const job = await parked();
    const edited = await pipeline.edit(job, { id, notes: "as edited", cents: 100 });
    expect(edited).toMatchObject({
      status: "authorization_required",
      auth_status: "pending",
      input: job.input,
    });
    expect(edited.queue_id).not.toBe(job.queue_id);
    expect(await pipeline.question(edited)).toMatchObject({
      reason: "It costs 100",
      facts: { cents: 100 },
      data: { id, notes: "as edited", cents: 100 },
      edited: {
        by: owner.name,
        fields: ["cents", "notes"],
        before: { notes: "as asked", cents: 90_000 },
        after: { notes: "as edited", cents: 100 },
      },
      preview: { changes: [{ id, after: { notes: "as edited" } }] },
      moved: [],
    });
    expect(await notes()).toBeNull();
    expect(await test.db.manager.countBy(Change, { job_id: job.id })).toBe(0);
    expect(await stored(job.queue_id)).toMatchObject({
      status: "superseded",
      superseded_by: edited.queue_id,
      decided_by: null,
      data: null,
    });
  });

  it("runs as it was edited once a person allows it", async () => {
    const edited = await pipeline.edit(await parked(), { id, notes: "as edited", cents: 100 });
    expect(await pipeline.answer(edited)).toMatchObject({ status: "completed", allowed_by: edited.queue_id });
    expect(await notes()).toBe("as edited");
  });

  it("waits for a decision even if the new data would need nobody, and offers no rule then", async () => {
    const edited = await pipeline.edit(await parked(), { id, notes: "harmless" });
    expect(await pipeline.run(edited.id)).toMatchObject({ kind: "waiting" });
    expect(await pipeline.question(edited)).toMatchObject({
      status: "pending",
      reason: `${owner.name} changed the request`,
      allow_always: null,
    });
    expect(await pipeline.answer(edited)).toMatchObject({ status: "completed" });
    expect(await notes()).toBe("harmless");
  });

  it("is asked again with the edited data where the records have changed since", async () => {
    const job = await pipeline.ask(agent, "probe.plant", { id });
    const edited = await pipeline.edit(job, { id, notes: "planted by hand" });
    await pipeline.ask(agent, "probe.note", { id, notes: "meanwhile" });
    const again = await pipeline.answer(edited);
    expect(again).toMatchObject({ status: "authorization_required", auth_status: "pending" });
    expect(await pipeline.question(again)).toMatchObject({
      data: { id, notes: "planted by hand" },
      edited: { by: owner.name, fields: ["notes"] },
      moved: [{ what: "fact", name: "notes", after: "meanwhile" }],
    });
    expect(await pipeline.answer(again)).toMatchObject({ status: "completed" });
    expect(await test.db.manager.existsBy(Contact, { notes: "planted by hand" })).toBe(true);
  });

  it("waits as long as the request did, from now on", async () => {
    const job = await parked();
    await test.db.query(
      `UPDATE "authorization" SET created_at = created_at - interval '1 hour' WHERE id = $1`,
      [job.queue_id],
    );
    const before = await stored(job.queue_id);
    const after = await stored((await pipeline.edit(job, { id, cents: 1 })).queue_id);
    expect(after.expires_at.getTime()).toBeGreaterThan(before.expires_at.getTime());
  });

  it("can be edited again; what changed is told against the request as it was sent", async () => {
    const once = await pipeline.edit(await parked(), { id, notes: "first", cents: 100 });
    const twice = await pipeline.edit(once, { id, notes: "as asked", cents: 200 }, office);
    expect((await pipeline.question(twice)).edited).toMatchObject({
      by: office.name,
      fields: ["cents"],
      before: { cents: 90_000 },
      after: { cents: 200 },
    });
  });

  it("stands in the audit beside the request as it was sent", async () => {
    const edited = await pipeline.edit(await parked(), { id, notes: "as edited", cents: 5 });
    const { items } = await readAudit(test.db.manager, owner, { job: edited.id });
    expect(items).toMatchObject([
      {
        input: { notes: "as asked" },
        authorizations: [
          { status: "superseded", edited: null },
          { status: "pending", edited: { by: owner.name, data: { id, notes: "as edited", cents: 5 } } },
        ],
      },
    ]);
  });

  it("lets an equal request of the agent find the same job", async () => {
    const job = await parked();
    await pipeline.edit(job, { id, notes: "as edited", cents: 5 });
    expect((await parked()).id).toBe(job.id);
  });
});

describe("what an office person changed", () => {
  it("is decided by the owner where it still needs a person: it is their own request now", async () => {
    const edited = await pipeline.edit(await parked(), { id, notes: "by the office", cents: 1 }, office);
    expect(await refusal(pipeline.answer(edited, {}, office))).toMatchObject({
      code: "forbidden",
      message: expect.stringContaining(office.name),
    });
    expect(await pipeline.answer(edited)).toMatchObject({ status: "completed" });
  });

  it("they decide themselves where they could have asked for it without anybody", async () => {
    const edited = await pipeline.edit(await parked(), { id, notes: "by the office" }, office);
    expect(await pipeline.answer(edited, {}, office)).toMatchObject({ status: "completed" });
  });
});
