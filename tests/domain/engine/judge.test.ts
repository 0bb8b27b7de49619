import { Contact } from "../../../src/entities/contact.ts";
import type { TestDatabase } from "../../support/database.ts";
import { stepOf } from "../../support/probe-actions.ts";
import { aContact, aTicket } from "../../support/factories.ts";
import {
  agent,
  office,
  owner,
  type Pipeline,
  system,
  technician,
  testPipeline,
} from "../../support/pipeline.ts";

describe("a request", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db));
  });

  const notes = async () => (await test.db.manager.findOneByOrFail(Contact, { id })).notes;

  describe("is judged by its requester", () => {
    const NEEDS_WHY = { status: "failed", error: { code: "reasoning_required" } };
    const DONE = { status: "completed" };
    const PARKED = { status: "authorization_required", auth_status: "pending" };

    it.each([
      ["an agent without reasoning", agent, {}, DONE, NEEDS_WHY, PARKED],
      ["an agent with blank reasoning", agent, { reasoning: " \n" }, DONE, NEEDS_WHY, PARKED],
      ["an agent with reasoning", agent, { reasoning: "They asked." }, DONE, DONE, PARKED],
      ["the office", office, {}, DONE, DONE, PARKED],
      ["the owner", owner, {}, DONE, DONE, DONE],
      ["the system", system, {}, DONE, DONE, DONE],
    ])("with the right result for %s", async (_who, actor, rest, unrestricted, soft, risky) => {
      expect(await pipeline.ask(actor, "probe.note", { id }, rest)).toMatchObject(unrestricted);
      expect(await pipeline.ask(actor, "probe.remark", { id }, rest)).toMatchObject(soft);
      expect(await pipeline.ask(actor, "probe.swear", { id }, rest)).toMatchObject(risky);
      expect(await pipeline.ask(actor, "probe.spend", { id, cents: 1 }, rest)).toMatchObject(risky);
    });

    it("and refused for a technician, and for an agent when the action is for people", async () => {
      const refused = { code: "forbidden" };
      await expect(pipeline.submit(technician, "probe.note", { id })).rejects.toMatchObject(refused);
      const data = { business_name: "Mine" };
      await expect(pipeline.submit(agent, "settings.update", data)).rejects.toMatchObject(refused);
      expect(await pipeline.ask(office, "settings.update", data)).toMatchObject({ status: "completed" });
    });
  });

  it("that lacks reasoning fails with the field and the next step", async () => {
    expect((await pipeline.ask(agent, "probe.remark", { id }, {})).error).toMatchObject({
      fields: [{ path: "reasoning" }],
      hint: "Send it again with `reasoning`.",
    });
    expect(await notes()).toBeNull();
  });

  it("is parked only when the data raises its level", async () => {
    expect(await pipeline.ask(agent, "probe.spend", { id })).toMatchObject({ status: "completed" });
    expect(await pipeline.ask(agent, "probe.spend", { id, cents: 0 })).toMatchObject({
      status: "authorization_required",
      auth_reason: "It costs 0",
    });
  });

  it("is parked when its steps name more than five records in all", async () => {
    const scriptOf = async (count: number) => {
      const contacts = await Promise.all(Array.from({ length: count }, () => aContact(test.db)));
      return { steps: contacts.map((contact) => stepOf("note", { id: contact.id })) };
    };
    expect(await pipeline.ask(agent, "probe.script", await scriptOf(5))).toMatchObject({
      status: "completed",
    });
    expect(await pipeline.ask(agent, "probe.script", await scriptOf(6))).toMatchObject({
      status: "authorization_required",
      auth_reason: "6 records at once, more than 5",
    });
  });

  describe("as a workflow", () => {
    const script = (steps: object[], rest = {}) => pipeline.ask(agent, "probe.script", { steps }, rest);
    const WHY = { reasoning: "They asked." };

    it("runs at once when its steps need no approval", async () => {
      const job = await script([stepOf("note", { id, notes: "one" }), stepOf("note", { id, notes: "two" })]);
      expect(job).toMatchObject({ status: "completed", level: "unrestricted", result: ["done", "done"] });
      expect(await notes()).toBe("two");
    });

    it("needs reasoning when a step needs it", async () => {
      const steps = [stepOf("note", { id }), stepOf("remark", { id })];
      expect(await script(steps)).toMatchObject({ status: "failed", error: { code: "reasoning_required" } });
      expect(await notes()).toBeNull();
      expect(await script(steps, WHY)).toMatchObject({ status: "completed", level: "soft_limit" });
    });

    it("parks as a whole, also without reasoning, and one approval covers all steps", async () => {
      const other = await aContact(test.db);
      const steps = [
        stepOf("remark", { id, notes: "one" }),
        stepOf("swear", { id, notes: "two" }),
        stepOf("spend", { id: other.id, cents: 100 }),
      ];
      const job = await script(steps);
      expect(job).toMatchObject({ status: "authorization_required", level: "requires_authorization" });
      expect(await notes()).toBeNull();
      const done = await pipeline.answer(job);
      expect(done).toMatchObject({
        status: "completed",
        result: ["done", "done", "done"],
        queue_id: job.queue_id,
      });
      expect(await pipeline.changes(done)).toHaveLength(3);
    });

    it.each([
      ["swear", "authorization_required"],
      ["remark", "failed"],
    ] as const)(
      "writes nothing when a step needs a higher level (%s), even if the workflow catches its error",
      async (name, status) => {
        const steps = [
          stepOf("note", { id, notes: "before" }),
          stepOf(name, { id, notes: "too far" }, true),
          stepOf("note", { id, notes: "after" }),
        ];
        expect(await script(steps)).toMatchObject({ status, result: null });
        expect(await notes()).toBeNull();
      },
    );

    it("stores no writes of a refused step that it catches", async () => {
      const steps = [
        stepOf("note", { id, notes: "kept" }),
        stepOf("stumble", { id, notes: "half done", over: "refusal" }, true),
        stepOf("stumble", { id, notes: "half done", over: "constraint" }, true),
      ];
      const job = await script(steps);
      expect(job).toMatchObject({ status: "completed", result: ["done", "invalid_state", "stopped"] });
      expect(await notes()).toBe("kept");
      expect(await pipeline.changes(job)).toHaveLength(1);
    });

    it("stores the writes of the other steps when it catches a refused step", async () => {
      const steps = [
        stepOf("note", { id, notes: "kept" }),
        stepOf("stumble", { id, notes: "half done", over: "refusal" }, true),
      ];
      const job = await script(steps);
      expect(job).toMatchObject({ status: "completed", result: ["done", "invalid_state"] });
      expect(await notes()).toBe("kept");
      expect(await pipeline.changes(job)).toHaveLength(1);
    });

    it("parses the input of each step with the step's own schema", async () => {
      expect(await script([stepOf("note", { id, surprise: 1 })])).toMatchObject({
        status: "failed",
        error: { code: "validation_failed", fields: [{ path: "data.surprise" }] },
      });
    });

    it("fails instead of parking when a step would fail", async () => {
      const steps = [stepOf("swear", { id }), stepOf("stumble", { id, over: "refusal" })];
      expect(await script(steps)).toMatchObject({
        status: "failed",
        error: { code: "invalid_state" },
        queue_id: null,
      });
    });
  });

  it("states both reasons when the data and the window raise the level, in a dry run and parked", async () => {
    const remove = (contact: string, rest = {}) =>
      pipeline.ask(agent, "contact.delete", { id: contact }, rest);
    const why = { reasoning: "They moved away." };
    for (let count = 0; count < 5; count++)
      expect(await remove((await aContact(test.db)).id, why)).toMatchObject({ status: "completed" });
    const { customer_id } = await aTicket(test.db);

    const reason = "Customer has 1 ticket; 6 records removed by agents within 10 minutes, more than 5";
    const dry = await remove(customer_id, { dry_run: true });
    expect(dry.result).toMatchObject({ permission: "requires_authorization", reason });
    expect(await remove(customer_id, why)).toMatchObject({
      status: "authorization_required",
      auth_reason: reason,
    });
  });
});
