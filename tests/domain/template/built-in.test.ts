import { findTemplate, renderTemplate, type Values } from "../../../src/domain/message/template-rendering.ts";
import { archiveTemplate } from "../../../src/domain/template/archive.ts";
import { BUILT_IN } from "../../../src/domain/template/built-in.ts";
import { createTemplate } from "../../../src/domain/template/create.ts";
import { SENT_CHANNELS, type SentChannel } from "../../../src/entities/message.ts";
import { act, MONDAY_9 } from "../../support/act.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { aTemplate } from "../../support/definitions.ts";
import { aContact, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, owner } from "../../support/pipeline.ts";

const TOLD = {
  ...{ customer: { name: "Maria Garcia" }, business: { name: "Clearview" } },
  ...{ when: "Tuesday at 9:00 AM", before: "Monday at 9:00 AM", technician: "Theo" },
  ...{ address: "12 Elm Street", services: "Screen cleaning" },
  ...{ repeats: "every Tuesday at 9:00 AM", next: "Tuesday at 9:00 AM", first: "Tuesday at 9:00 AM" },
  offer: { when: "Friday at 2:00 PM", link: "https://crm.example/visit/x" },
};

function rendered(name: string, channel: SentChannel, more: Values = {}): string {
  const builtIn = BUILT_IN.find((each) => each.name === name);
  if (!builtIn) throw new Error(`no ${name}`);
  const { subject, body } = renderTemplate({ name, ...builtIn[channel] }, { ...TOLD, ...more });
  return [subject, body].filter((part) => part !== null).join("\n\n");
}

describe("a built-in template", () => {
  const names = [
    ...["appointment_confirmation", "appointment_rescheduled", "appointment_cancelled"],
    ...["plan_changed", "plan_confirmation", "waitlist_offer", "waitlist_gone"],
  ];

  it("exists for each message that the product writes, as e-mail and SMS", () => {
    expect(BUILT_IN.map(({ name }) => name)).toEqual(names);
    for (const { name } of BUILT_IN)
      for (const channel of SENT_CHANNELS) expect(rendered(name, channel)).toContain("Clearview");
  });

  it("leaves no trace of a link that there is not", () => {
    expect(rendered("appointment_confirmation", "email")).toBe(
      `Your appointment on Tuesday at 9:00 AM

Hello Maria Garcia,

your appointment with Clearview:

When: Tuesday at 9:00 AM
Where: 12 Elm Street
What: Screen cleaning
Who: Theo

If the time does not suit you, please tell us.

Clearview`,
    );
    expect(rendered("appointment_confirmation", "sms")).toBe(
      "Clearview: your appointment is on Tuesday at 9:00 AM (Screen cleaning). If the time does not suit you, please tell us.",
    );
    expect(rendered("appointment_rescheduled", "sms", { visit: { link: "" } })).toMatch(
      /to Tuesday at 9:00 AM\. If the time does not suit you, please tell us\.$/,
    );
  });

  it.each<Values>([{}, { address: "", services: "", offer: { ...TOLD.offer, services: "Gutters" } }])(
    "separates its paragraphs by one blank line, whatever is known: %j",
    (more) => {
      for (const { name } of BUILT_IN) {
        const body = rendered(name, "email", more);
        expect(body).not.toContain("\n\n\n");
        expect(body).toMatch(/\n\n(If|Take|You stay) [^\n]+/);
      }
    },
  );

  it.each(["appointment_confirmation", "appointment_rescheduled"])(
    "names the link where there is one: %s",
    (name) => {
      const visit = { link: "https://crm.example/visit/x" };
      for (const channel of SENT_CHANNELS) {
        expect(rendered(name, channel, { visit })).toContain(": https://crm.example/visit/x");
        expect(rendered(name, channel, { visit })).not.toContain("please tell us");
      }
    },
  );

  it("says until when an offer holds, where that is known", () => {
    for (const channel of SENT_CHANNELS) {
      expect(rendered("waitlist_offer", channel)).not.toContain("ends on");
      const offer = { ...TOLD.offer, until: "Thursday at 6:00 PM" };
      expect(rendered("waitlist_offer", channel, { offer })).toContain("ends on Thursday at 6:00 PM.");
    }
  });
});

describe("a template that a person wrote", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
  });
  afterAll(() => test.drop());

  const named = { name: "appointment_cancelled" };
  const email = { ...named, channel: "email", subject: "Off: {{when}}", body: "Called off." } as const;

  it("takes precedence over the built-in one of its name in its own channel, until it is archived", async () => {
    const { id } = await act(test.db, createTemplate, email);
    const text = async (channel: SentChannel) =>
      (await findTemplate(test.db.manager, named.name, channel)).textFor(channel).body;
    expect(await text("email")).toBe("Called off.");
    expect(await text("sms")).toContain("is cancelled");
    await act(test.db, archiveTemplate, { id });
    expect(await text("email")).toContain("is cancelled");
  });

  it("is unique by name and channel", async () => {
    const pipeline = makePipeline(test.db);
    const hello = { name: "hello", channel: "sms", body: "Hello." };
    expect((await pipeline.ask(owner, "template.create", hello)).status).toBe("completed");
    const mail = { ...hello, channel: "email", subject: "Hello" };
    expect((await pipeline.ask(owner, "template.create", mail)).status).toBe("completed");
    expect((await pipeline.ask(owner, "template.create", hello)).error).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("with this name and channel"),
    });
  });

  it("serves the customer's own channel where it is written for both, and says where it is not", async () => {
    const pipeline = makePipeline(test.db, undefined, { now: MONDAY_9, channels: new Set(["email", "sms"]) });
    const phones = [{ number: "+16085550142", label: "mobile" }];
    const { id: customer_id } = await aContact(test.db, {
      ...{ phones, emails: ["maria@example.com"], preferred_channel: "sms" },
    });
    await aTemplate(test.db, { name: "both", channel: "sms", body: "By SMS" });
    await aTemplate(test.db, { name: "both", channel: "email", subject: "x", body: "By mail" });
    await aTemplate(test.db, { name: "mail", channel: "email", subject: "x", body: "Mail only" });
    const send = (data: object) => pipeline.ask(agent, "message.send", { customer_id, ...data });
    expect((await send({ template: "both" })).result).toMatchObject({ channel: "sms", body: "By SMS" });
    expect((await send({ template: "both", channel: "email" })).result).toMatchObject({ body: "By mail" });
    expect((await send({ template: "mail" })).result).toMatchObject({ channel: "email" });
    expect((await send({ template: "mail", channel: "sms" })).error).toMatchObject({
      fields: [{ path: "data.channel", message: "is sms, but the template is for email" }],
    });
  });

  it("takes values with dotted names", async () => {
    const pipeline = makePipeline(test.db, undefined, { now: MONDAY_9 });
    const { id: customer_id } = await aContact(test.db, { emails: ["maria@example.com"] });
    const values = { "offer.when": "Friday at 2:00 PM", "offer.link": "https://crm.example/visit/x" };
    const sent = await pipeline.ask(agent, "message.send", {
      customer_id,
      template: "waitlist_offer",
      values,
    });
    expect(sent.result).toMatchObject({
      subject: "A time is free: Friday at 2:00 PM",
      body: expect.stringContaining("decline it here: https://crm.example/visit/x"),
    });
    const fault = await pipeline.ask(agent, "message.send", {
      ...{ customer_id, template: "waitlist_offer", values: { "offer.when": "Friday", "__proto__.x": "y" } },
    });
    expect(fault.error).toMatchObject({ fields: [{ path: "data.values.offer.link" }] });
  });
});
