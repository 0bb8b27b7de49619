import type { TestDatabase } from "../../support/database.ts";
import { aContact } from "../../support/factories.ts";
import { agent, owner, type Pipeline, testPipeline } from "../../support/pipeline.ts";

describe("a customer who has opted out", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
  afterAll(() => test.drop());

  let customers = 0;
  const aCustomer = (do_not_contact = true) =>
    aContact(test.db, {
      do_not_contact,
      emails: [`ada${++customers}@example.com`, "home@example.com"],
      phones: [{ number: "+16085550142", label: "mobile" }],
    });
  const [again, forgotten] = ["could make them reachable again", "also deletes the record"];

  it.each([
    ["contact.update", { do_not_contact: false }, again],
    ["contact.update", { emails: ["other@example.com"] }, again],
    ["contact.update", { phones: [] }, again],
    ["contact.delete", {}, forgotten],
  ])("needs approval before an agent runs %s %j", async (action, data, reason) => {
    const { id } = await aCustomer();
    expect(await pipeline.ask(agent, action, { id, ...data })).toMatchObject({
      status: "authorization_required",
      auth_reason: expect.stringContaining(reason),
    });
    expect(await pipeline.ask(owner, action, { id, ...data })).toMatchObject({ status: "completed" });
    const reachable = await aCustomer(false);
    expect(await pipeline.ask(agent, action, { id: reachable.id, ...data })).toMatchObject({
      status: "completed",
    });
  });

  it("needs approval when one of a bulk update has opted out", async () => {
    const ids = [(await aCustomer(false)).id, (await aCustomer()).id];
    const job = await pipeline.ask(agent, "contact.bulk_update", { ids, data: { do_not_contact: false } });
    expect(job.status).toBe("authorization_required");
  });

  it("needs no approval for notes or additional addresses", async () => {
    const { id, emails } = await aCustomer();
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
