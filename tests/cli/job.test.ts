import { describeJob } from "../../src/cli/job.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aTicket, theSettings } from "../support/factories.ts";
import { agent, makePipeline } from "../support/pipeline.ts";
import { makeInstallation } from "../support/program.ts";

describe("countersign job", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
  });
  afterAll(() => test.drop());

  it("prints a parked and decided job in aligned sections", async () => {
    const pipeline = makePipeline(test.db);
    const { customer_id } = await aTicket(test.db);
    const parked = await pipeline.ask(agent, "contact.delete", { id: customer_id });
    await pipeline.answer(parked, { notes: "They asked for it." });
    const text = (await describeJob(test.db, parked.id)) ?? "";
    expect(text).toMatch(
      /^Job\n[^]*\n\nCauses\n[^]*\n\nChanges\n[^]*\n\nDeliveries\n[^]*\n\nTimings\n[^]*\n$/,
    );
    for (const line of text.split("\n").filter((each) => each.startsWith("  ") && each !== "  none"))
      expect(line).toMatch(/^ {2}.{18} \S/);
    expect(text).toMatch(/^ {2}action {13}contact\.delete$/m);
    expect(text).toMatch(/^ {2}status {13}completed$/m);
    expect(text).toMatch(new RegExp(`^  authorized {9}${parked.queue_id} by Olga Owner, expires `, "m"));
    expect(text).toMatch(/^ {21}note: They asked for it\.$/m);
    expect(text).toMatch(new RegExp(`^  delete {13}contact ${customer_id}$`, "m"));
    const timings = text.slice(text.indexOf("Timings"));
    expect(timings.match(/^ {2}\w+/gm)?.map((label) => label.trim())).toEqual([
      "accepted",
      "started",
      "parked",
      "decided",
      "finished",
    ]);
    expect(timings).toMatch(/^ {2}finished {11}\S+Z {2}\+[\d,]+ ms$/m);
  });

  it("shows which fields an update changed", async () => {
    const pipeline = makePipeline(test.db);
    const { customer_id } = await aTicket(test.db);
    const job = await pipeline.ask(agent, "contact.update", { id: customer_id, notes: "Has a dog." });
    expect(await describeJob(test.db, job.id)).toMatch(/^ {21}notes: .* → Has a dog\.$/m);
  });

  it("exits 1 with one clear line for an id that does not exist", async () => {
    const desk = await makeInstallation();
    const run = desk.run(["job", "job_unknown"], { DATABASE_URL: test.url });
    expect(await run.exit).toBe(1);
    expect(run.stdout()).toBe("");
    expect(run.stderr()).toBe('countersign: There is no job "job_unknown".\n');
    await desk.clear();
  });
});
