import { renderTemplate } from "../../../src/domain/message/template-rendering.ts";
import { Message } from "../../../src/entities/message.ts";
import { MONDAY_9 } from "../../support/act.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { testRegistry } from "../../support/probe-actions.ts";
import { aTemplate } from "../../support/definitions.ts";
import { aContact, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../../support/pipeline.ts";

let test: TestDatabase;
let online: Pipeline;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
  online = makePipeline(test.db, testRegistry, { now: MONDAY_9, channels: new Set(["email", "sms"]) });
});
afterAll(() => test.drop());

/** A customer with an e-mail address and a mobile number. */
const maria = () =>
  aContact(test.db, {
    emails: ["maria@example.com"],
    phones: [{ number: "+16085550142", label: "mobile" }],
  });
const send = (data: object) => online.ask(agent, "message.send", data);
const refusedFor = async (data: object) => (await send(data)).error;

describe("a template", () => {
  const values = { day: "Monday", note: "<b>bring</b> & keep" };

  it("is rendered as plain text with the given and the built-in values", async () => {
    const { id: customer_id } = await maria();
    await aTemplate(test.db, {
      name: "visit",
      channel: "email",
      subject: "{{day}}\n at last",
      body: "{{customer.name}}: {{day}}. {{note}}",
    });
    const { result } = await send({ customer_id, template: "visit", values });
    expect(result).toMatchObject({
      template: "visit",
      subject: "Monday at last",
      body: "Maria Garcia: Monday. <b>bring</b> & keep",
    });
  });

  it("is rejected with the names that have no value, except those in a hidden section", async () => {
    const { id: customer_id } = await maria();
    await aTemplate(test.db, {
      name: "gaps",
      channel: "sms",
      body: "{{a}} {{{b}}} {{#c}}{{d}}{{/c}}{{^c}}{{e}}{{/c}}",
    });
    const fields = (await refusedFor({ customer_id, template: "gaps", values: { b: 1 } }))?.["fields"];
    expect(fields).toMatchObject([{ path: "data.values.a" }, { path: "data.values.e" }]);
  });

  it("resolves names in a section relative to it", async () => {
    const { id: customer_id } = await maria();
    const body = "{{#customer}}Hello {{name}}, {{day}} {{hour}}{{/customer}}";
    await aTemplate(test.db, { name: "inside", channel: "sms", body });
    expect((await refusedFor({ customer_id, template: "inside", values }))?.["fields"]).toMatchObject([
      { path: "data.values.hour" },
    ]);
    const { result } = await send({ customer_id, template: "inside", values: { ...values, hour: 9 } });
    expect(result).toMatchObject({ body: "Hello Maria Garcia, Monday 9" });
  });

  it("is found by name unless archived; an unknown name returns the nearest one", async () => {
    const { id: customer_id } = await maria();
    await aTemplate(test.db, { name: "thanks", archived_at: MONDAY_9 });
    await aTemplate(test.db, { name: "welcome", channel: "email", subject: "Hi" });
    expect(await refusedFor({ customer_id, template: "welcom" })).toMatchObject({
      hint: expect.stringContaining("welcome"),
    });
    expect(await refusedFor({ customer_id, template: "thanks" })).toMatchObject({
      code: "validation_failed",
    });
    expect(await refusedFor({ customer_id, template: "welcome", channel: "sms" })).toMatchObject({
      fields: [{ path: "data.channel" }],
    });
  });

  it.each(["", "  \n "])("is rejected when the value %j leaves the body empty", async (x) => {
    const { id: customer_id } = await maria();
    const { name } = await aTemplate(test.db, { channel: "sms", body: "{{x}}" });
    expect(await refusedFor({ customer_id, template: name, values: { x } })).toMatchObject({
      code: "validation_failed",
      fields: [{ path: "data.values", message: "leave the message empty" }],
    });
    expect(await test.db.getRepository(Message).countBy({ customer_id })).toBe(0);
  });

  it("is rejected when a tag is unclosed", async () => {
    const broken = await aTemplate(test.db, { body: "Hello {{name" });
    expect(() => renderTemplate(broken, {})).toThrow(/unclosed/);
  });
});
