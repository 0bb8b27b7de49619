import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "../../support/pipeline.ts";

describe("whoever asked not to be contacted", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
    pipeline = makePipeline(test.db);
  });
  afterAll(() => test.drop());

  let customers = 0;
  const somebody = (do_not_contact = true) =>
    aContact(test.db, {
      do_not_contact,
      emails: [`ada${++customers}@example.com`, "home@example.com"],
      phones: [{ number: "+16085550142", label: "mobile" }],
    });
  const [again, forgotten] = ["could be reached again", "Nobody else remembers"];

  it.each([
    ["contact.update", { do_not_contact: false }, again],
    ["contact.update", { emails: ["other@example.com"] }, again],
    ["contact.update", { phones: [] }, again],
    ["contact.delete", {}, forgotten],
  ])("is so until a person agrees: %s %j", async (action, data, reason) => {
    const { id } = await somebody();
    expect(await pipeline.ask(agent, action, { id, ...data })).toMatchObject({
      status: "authorization_required",
      auth_reason: expect.stringContaining(reason),
    });
    expect(await pipeline.ask(owner, action, { id, ...data })).toMatchObject({ status: "completed" });
    const reachable = await somebody(false);
    expect(await pipeline.ask(agent, action, { id: reachable.id, ...data })).toMatchObject({
      status: "completed",
    });
  });

  it("is asked for of each in a bulk", async () => {
    const ids = [(await somebody(false)).id, (await somebody()).id];
    const job = await pipeline.ask(agent, "contact.bulk_update", { ids, data: { do_not_contact: false } });
    expect(job.status).toBe("authorization_required");
  });

  it("may be told apart, found otherwise, and reached by one address more", async () => {
    const { id, emails } = await somebody();
    for (const data of [
      { notes: "Rings twice." },
      { do_not_contact: true },
      { emails: [...emails, "new@example.com"], phones: [{ number: "(608) 555-0142" }] },
    ])
      expect(await pipeline.ask(agent, "contact.update", { id, ...data })).toMatchObject({
        status: "completed",
      });
  });
});
