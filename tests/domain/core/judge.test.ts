import { Contact } from "../../../src/entities/contact.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { stepOf } from "../../support/errands.ts";
import { aContact, theSettings } from "../../support/factories.ts";
import {
  agent,
  makePipeline,
  office,
  owner,
  type Pipeline,
  system,
  technician,
} from "../../support/pipeline.ts";

describe("a request is judged", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
    await theSettings(test.db);
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db));
  });

  const notes = async () => (await test.db.manager.findOneByOrFail(Contact, { id })).notes;

  describe("by who asks", () => {
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
    ])("%s", async (_who, actor, rest, unrestricted, soft, risky) => {
      expect(await pipeline.ask(actor, "errand.note", { id }, rest)).toMatchObject(unrestricted);
      expect(await pipeline.ask(actor, "errand.remark", { id }, rest)).toMatchObject(soft);
      expect(await pipeline.ask(actor, "errand.swear", { id }, rest)).toMatchObject(risky);
      expect(await pipeline.ask(actor, "errand.spend", { id, cents: 1 }, rest)).toMatchObject(risky);
    });

    it("a technician's sign-in changes nothing, and an agent nothing that is for people", async () => {
      const refused = { code: "forbidden" };
      await expect(pipeline.submit(technician, "errand.note", { id })).rejects.toMatchObject(refused);
      const data = { business_name: "Mine" };
      await expect(pipeline.submit(agent, "settings.update", data)).rejects.toMatchObject(refused);
      expect(await pipeline.ask(office, "settings.update", data)).toMatchObject({ status: "completed" });
    });
  });

  it("names the missing reasoning and the next step", async () => {
    expect((await pipeline.ask(agent, "errand.remark", { id }, {})).error).toMatchObject({
      fields: [{ path: "reasoning" }],
      hint: "Send it again with `reasoning`.",
    });
    expect(await notes()).toBeNull();
  });

  it("is raised by what the data says, and only then", async () => {
    expect(await pipeline.ask(agent, "errand.spend", { id })).toMatchObject({ status: "completed" });
    expect(await pipeline.ask(agent, "errand.spend", { id, cents: 0 })).toMatchObject({
      status: "authorization_required",
      auth_reason: "It costs 0",
    });
  });

  it("is raised by how many records all its steps name: five run, six ask", async () => {
    const scriptOf = async (count: number) => {
      const contacts = await Promise.all(Array.from({ length: count }, () => aContact(test.db)));
      return { steps: contacts.map((contact) => stepOf("note", { id: contact.id })) };
    };
    expect(await pipeline.ask(agent, "errand.script", await scriptOf(5))).toMatchObject({
      status: "completed",
    });
    expect(await pipeline.ask(agent, "errand.script", await scriptOf(6))).toMatchObject({
      status: "authorization_required",
      auth_reason: "6 records at once, more than 5",
    });
  });

  describe("as a workflow", () => {
    const script = (steps: object[], rest = {}) => pipeline.ask(agent, "errand.script", { steps }, rest);
    const WHY = { reasoning: "They asked." };

    it("whose steps are harmless runs at once", async () => {
      const job = await script([stepOf("note", { id, notes: "one" }), stepOf("note", { id, notes: "two" })]);
      expect(job).toMatchObject({ status: "completed", level: "unrestricted", result: ["done", "done"] });
      expect(await notes()).toBe("two");
    });

    it("needs reasoning where a step inside needs it", async () => {
      const steps = [stepOf("note", { id }), stepOf("remark", { id })];
      expect(await script(steps)).toMatchObject({ status: "failed", error: { code: "reasoning_required" } });
      expect(await notes()).toBeNull();
      expect(await script(steps, WHY)).toMatchObject({ status: "completed", level: "soft_limit" });
    });

    it("parks as a whole, also without reasoning, and one agreement covers all of it", async () => {
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
      "does nothing where a step goes too far (%s), even if the workflow looks away",
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

    it("keeps nothing of a step that was refused, where it goes on without it", async () => {
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

    it("parses the input of each step with the step's own schema", async () => {
      expect(await script([stepOf("note", { id, surprise: 1 })])).toMatchObject({
        status: "failed",
        error: { code: "validation_failed", fields: [{ path: "data.surprise" }] },
      });
    });

    it("fails, and is not parked, where it would not succeed", async () => {
      const steps = [stepOf("swear", { id }), stepOf("stumble", { id, over: "refusal" })];
      expect(await script(steps)).toMatchObject({
        status: "failed",
        error: { code: "invalid_state" },
        queue_id: null,
      });
    });
  });
});
