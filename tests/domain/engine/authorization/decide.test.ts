import { decide, type Decision } from "../../../../src/domain/engine/authorization/decide.ts";
import {
  authorizationView,
  listAuthorizations,
  readAuthorization,
} from "../../../../src/domain/engine/authorization/view.ts";
import { newId } from "../../../../src/domain/core/ids.ts";

import type { Principal } from "../../../../src/domain/core/principal.ts";
import { Authorization } from "../../../../src/entities/authorization.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { testRegistry } from "../../../support/probe-actions.ts";
import { aContact } from "../../../support/factories.ts";
import {
  agent,
  type JobRow,
  makePipeline,
  office,
  otherAgent,
  owner,
  type Pipeline,
  technician,
  testPipeline,
} from "../../../support/pipeline.ts";

describe("a decision", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
  afterAll(() => test.drop());

  const parked = async (actor = agent): Promise<JobRow> =>
    pipeline.ask(actor, "probe.swear", { id: (await aContact(test.db)).id });
  const say = (job: JobRow, actor: Principal, decision: Partial<Decision> = {}) =>
    decide(test.db, actor, { id: job.queue_id ?? "", decision: "authorized", ...decision });
  const status = async (job: JobRow) => (await pipeline.job(job.id)).auth_status;
  const otherOffice: Principal = { kind: "office", id: "user_nina", name: "Nina Newoffice" };

  it("is stored with the person, the time and the note", async () => {
    const job = await parked();
    const { view, jobId } = await say(job, owner, { notes: "Fine with me." });
    expect(view).toMatchObject({
      status: "authorized",
      decided_by: owner.name,
      decided_at: expect.any(String),
      note: "Fine with me.",
      upgrade_permission: false,
    });
    expect(jobId).toBe(job.id);
    expect(await pipeline.job(job.id)).toMatchObject({ status: "authorization_required", finished_at: null });
  });

  it("to deny ends the job at once and passes the note to the model", async () => {
    const job = await parked();
    await say(job, owner, { decision: "denied", notes: "Not now.", upgrade_permission: true });
    expect(await pipeline.job(job.id)).toMatchObject({
      status: "denied",
      auth_status: "denied",
      auth_note: "Not now.",
      finished_at: expect.any(Date),
    });
    expect(await pipeline.run(job.id)).toEqual({ kind: "absent" });
    expect((await pipeline.question(job)).upgrade_permission).toBe(false);
  });

  it("returns the dispatch number of the waiting timer and the next one", async () => {
    const job = await parked();
    expect(await say(job, owner)).toMatchObject({ timer: job.dispatches, next: job.dispatches + 1 });
    expect((await pipeline.job(job.id)).dispatches).toBe(job.dispatches + 1);
  });

  describe("can be made", () => {
    it.each([
      ["an agent", agent],
      ["another agent", otherAgent],
      ["a technician", technician],
      ["the system", { kind: "system", id: "test", name: "test" } as const],
    ])("not by %s, even on its own request", async (_who, actor) => {
      const job = await parked();
      for (const decision of ["authorized", "denied"] as const)
        await expect(say(job, actor, { decision })).rejects.toMatchObject({ code: "forbidden" });
      expect(await status(job)).toBe("pending");
    });

    it.each([
      ["the owner on the office's request", owner, office],
      ["the owner on an agent's request", owner, agent],
      ["the office on an agent's request", office, agent],
    ])("by %s", async (_who, actor, requester) => {
      await expect(say(await parked(requester), actor)).resolves.toMatchObject({
        view: { status: "authorized" },
      });
    });

    it("not by the office on its own or a colleague's request", async () => {
      const job = await parked(office);
      await expect(say(job, office)).rejects.toMatchObject({ code: "forbidden" });
      await expect(say(job, otherOffice)).rejects.toMatchObject({ code: "forbidden" });
      await expect(say(job, { ...office, kind: "owner" })).resolves.toBeDefined(); // Made an owner meanwhile.
    });
  });

  it("is accepted once when many decide at once; the others get a conflict with the winner", async () => {
    const job = await parked();
    const decisions = Array.from({ length: 10 }, (_, at) =>
      say(job, at % 2 ? owner : office, { decision: at % 3 ? "authorized" : "denied" }),
    );
    const settled = await Promise.allSettled(decisions);
    const won = settled.filter((each) => each.status === "fulfilled");
    expect(won).toHaveLength(1);
    const winner = { status: won[0]?.value.view.status, decided_by: won[0]?.value.view.decided_by };
    for (const lost of settled.filter((each) => each.status === "rejected"))
      expect(lost.reason).toMatchObject({ code: "conflict", body: { winner } });
  });

  it("is refused when the view differs from what the person was shown", async () => {
    const job = await parked();
    const { view_hash } = await pipeline.question(job);
    await test.db.manager.update(Authorization, job.queue_id ?? "", { facts: { planted: true } });
    await expect(say(job, owner, { view_hash: view_hash })).rejects.toMatchObject({
      code: "conflict",
      body: { view: { id: job.queue_id, facts: { planted: true } } },
    });
    expect(await status(job)).toBe("pending");
    const seen = await pipeline.question(job);
    expect(seen.view_hash).not.toBe(view_hash);
    await expect(say(job, owner, { view_hash: seen.view_hash })).resolves.toBeDefined();
  });

  it("is refused after the expiry by the database's clock", async () => {
    const { id } = await aContact(test.db);
    const job = await makePipeline(test.db, testRegistry, { authorizationTtlMs: 0 }).ask(
      agent,
      "probe.swear",
      { id },
    );
    await expect(say(job, owner)).rejects.toMatchObject({
      code: "conflict",
      body: { winner: { status: "expired", decided_by: null } },
    });
    expect(await status(job)).toBe("pending"); // The timer closes it.
    expect(await pipeline.run(job.id)).toEqual({ kind: "ended", status: "expired" });
  });

  it("on a superseded authorization names its replacement", async () => {
    const { id } = await aContact(test.db);
    const job = await pipeline.ask(agent, "probe.plant", { id });
    await pipeline.ask(owner, "probe.note", { id, notes: "meanwhile" });
    const again = await pipeline.answer(job);
    await expect(say(job, owner)).rejects.toMatchObject({
      code: "conflict",
      body: { winner: { status: "superseded" }, hint: expect.stringContaining(again.queue_id ?? "") },
    });
  });

  it("has a scope only with Allow Always", async () => {
    const job = await parked();
    const scope = { max_uses: 1 };
    const refused = { code: "validation_failed", body: { fields: [{ path: "scope" }] } };
    await expect(say(job, owner, { scope })).rejects.toMatchObject(refused);
    await expect(
      say(job, owner, { scope, upgrade_permission: true, decision: "denied" }),
    ).rejects.toMatchObject(refused);
    expect(await status(job)).toBe("pending");
  });

  describe("can be read", () => {
    it("by people and by the agent that asked; others get not_found", async () => {
      const { queue_id } = await parked();
      const read = async (actor: Principal) =>
        authorizationView(await readAuthorization(test.db.manager, actor, queue_id ?? "")).id;
      for (const actor of [owner, office, agent]) expect(await read(actor)).toBe(queue_id);
      for (const actor of [otherAgent, technician])
        await expect(read(actor)).rejects.toMatchObject({ code: "not_found" });
    });

    it("page by page, the newest first", async () => {
      const asked = [await parked(otherAgent), await parked(otherAgent), await parked(otherAgent)];
      const list = (cursor?: string) =>
        listAuthorizations(test.db.manager, otherAgent, {
          limit: 2,
          status: "pending",
          ...(cursor && { cursor }),
        });
      const first = await list();
      expect(first).toMatchObject({ total: 3, next_cursor: asked[1]?.queue_id });
      const second = await list(first.next_cursor ?? "");
      expect(second).toMatchObject({ total: 3, next_cursor: null });
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(
        asked.map(({ queue_id }) => queue_id).reverse(),
      );
      await expect(list("' OR true")).rejects.toMatchObject({ code: "validation_failed" });
    });
  });

  it("is not_found for an unknown authorization", async () => {
    const lost = decide(test.db, owner, { id: newId("auth"), decision: "authorized" });
    await expect(lost).rejects.toMatchObject({ code: "not_found" });
  });
});
