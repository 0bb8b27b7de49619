import { Authorization } from "../../../../src/entities/authorization.ts";
import { type TestDatabase, testDatabase } from "../../../support/database.ts";
import { aContact, anAddress, aTicket, theSettings } from "../../../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../../../support/pipeline.ts";

describe("an authorization", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
    await theSettings(test.db);
  });
  afterAll(() => test.drop());

  const isDestructive = async (action: string, data: unknown) => {
    const { queue_id, auth_status } = await pipeline.ask(agent, action, data);
    expect(auth_status).toBe("pending");
    return (await test.db.manager.findOneByOrFail(Authorization, { id: queue_id ?? "" })).destructive;
  };
  const withHistory = async () => (await aTicket(test.db, { status: "scheduled" })).customer_id;

  it("is destructive for an action that is marked so", async () => {
    expect(await isDestructive("contact.delete", { id: await withHistory() })).toBe(true);
  });

  it("is destructive for a workflow that calls such an action, also where no row would be deleted", async () => {
    const { id } = await aTicket(test.db, { status: "scheduled" });
    const contact = await aContact(test.db);
    const steps = [
      { action: "ticket.cancel", data: { id, reason: "They asked for it." } },
      { action: "probe.swear", data: { id: contact.id } },
    ];
    expect(await isDestructive("probe.script", { steps })).toBe(true);
  });

  it("is destructive where a row would be deleted, whatever the action says of itself", async () => {
    const { id: address_id } = await anAddress(test.db);
    const contact = await aContact(test.db);
    const steps = [
      { action: "contact.remove_address", data: { address_id } },
      { action: "probe.swear", data: { id: contact.id } },
    ];
    expect(await isDestructive("probe.script", { steps })).toBe(true);
  });

  it("is not destructive for a change that takes nothing away", async () => {
    const { id } = await aContact(test.db);
    expect(await isDestructive("probe.swear", { id })).toBe(false);
  });
});
