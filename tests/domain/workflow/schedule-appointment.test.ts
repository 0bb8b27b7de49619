import type { z } from "zod";
import { scheduleAppointment } from "../../../src/domain/workflow/schedule-appointment.ts";
import { Contact } from "../../../src/entities/contact.ts";
import { Lead } from "../../../src/entities/lead.ts";
import { Message } from "../../../src/entities/message.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { act, refusal } from "../../support/act.ts";
import { aService, aTemplate } from "../../support/definitions.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aLead, anAddress, anInvoice, aTechnician, theSettings } from "../../support/factories.ts";

let test: TestDatabase;
let maria: Contact;
let theo: string;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db, { travel_buffer_minutes: 30 });
  theo = (await aTechnician(test.db, { name: "Theo", skills: ["ladder"] })).id;
  maria = await aContact(test.db, { name: "Maria Garcia", emails: ["maria@example.com"] });
});

type Input = z.input<typeof scheduleAppointment.input>;
/** Tuesday, November 24; the clock stands at Monday, 9:00. */
const book = (input: Partial<Input> = {}) =>
  act(test.db, scheduleAppointment, {
    ...{ customer_identifier: "Maria Garcia", requested_date: "2026-11-24" },
    ...input,
  });
const local = (time: string) => `Tuesday, November 24, 2026 at ${time}`;

describe("schedule_appointment", () => {
  it("books the visit with address, services and prices, and writes to the customer", async () => {
    const address = await anAddress(test.db, { contact_id: maria.id });
    await aService(test.db, { name: "Screen cleaning", unit_price_cents: 9_000, duration_minutes: 90 });
    const booked = await book({
      requested_time: "13:00",
      services: ["screen cleanin"],
      notes: "Gate code 4711",
    });
    expect(booked).toMatchObject({
      ticket: { id: expect.stringMatching(/^ticket_/), number: expect.any(Number) },
      customer: { id: maria.id, name: "Maria Garcia" },
      address: { id: address.id, label: "Home", line: "12 Elm Street, Madison, WI 53703" },
      technician: { id: theo, name: "Theo" },
      when: { local: local("1:00 PM"), weekday: "Tuesday", zone: "America/Chicago" },
      services: [{ description: "Screen cleaning", quantity: 1, total: "$90" }],
      total: "$90",
      confirmation: { status: "queued", channel: "email", to: "maria@example.com" },
      warnings: [],
    });
    expect(await test.db.getRepository(Ticket).findOneByOrFail({ id: booked.ticket.id })).toMatchObject({
      ...{ status: "scheduled", duration_minutes: 90, notes: "Gate code 4711", technician_id: theo },
    });
    const [message] = await test.db.getRepository(Message).find();
    expect(message).toMatchObject({
      subject: `Your appointment on ${local("1:00 PM")}`,
      template: "appointment_confirmation",
      about_id: booked.ticket.id,
    });
    expect(message?.body).toContain("What: Screen cleaning");
    expect(message?.body).toContain("Where: 12 Elm Street");
  });

  it.each([
    ["the start of a range", "09:00-11:00", "9:00 AM"],
    ["the start of the day without a time", undefined, "8:00 AM"],
    ["an exact time off the grid of starts", "09:10", "9:10 AM"],
  ])("takes %s", async (_case, requested_time, time) => {
    expect((await book({ ...(requested_time && { requested_time }) })).when.local).toBe(local(time));
  });

  it("takes the first free start in a wish at which the whole visit fits, and none outside it", async () => {
    const morning = { requested_time: "08:00-12:00", duration_estimate_minutes: 180, allow_duplicate: true };
    expect((await book(morning)).when.local).toBe(local("8:00 AM"));
    expect((await book(morning)).when.local).toBe(local("11:30 AM"));
    const error = await refusal(book(morning));
    expect(error).toMatchObject({ code: "conflict", alternatives: [{}, {}, {}] });
    expect(error.message).toContain("between 8:00 AM and 12:00 PM");
    expect(await test.db.getRepository(Ticket).count()).toBe(2);
  });

  it("refuses an exact time that is taken, with alternatives", async () => {
    await book({ requested_time: "13:00" });
    const second = await aContact(test.db, { name: "Wanda" });
    const error = await refusal(book({ customer_identifier: second.id, requested_time: "13:30" }));
    expect(error).toMatchObject({ code: "conflict", alternatives: [{ local: local("2:30 PM") }, {}, {}] });
  });

  it("refuses two times that contradict each other", async () => {
    const error = await refusal(book({ requested_date: "2026-11-24 08:00-12:00", requested_time: "15:00" }));
    expect(error).toMatchObject({ code: "validation_failed", fields: [{ path: "data.requested_date" }] });
  });

  it("goes outside hours only where nothing is free within them, and never at just any time", async () => {
    expect((await book({ outside_hours: true })).when.local).toBe(local("8:00 AM"));
    const error = await refusal(book({ requested_date: "2026-11-29", outside_hours: true }));
    expect(error).toMatchObject({ code: "conflict", hint: expect.stringContaining("give an exact one") });
    const sunday = await book({ requested_date: "2026-11-29", requested_time: "10:00", outside_hours: true });
    expect(sunday.when.local).toBe("Sunday, November 29, 2026 at 10:00 AM");
  });

  it("says who has no time where a day is full", async () => {
    await book({ requested_time: "08:00", duration_estimate_minutes: 540 });
    const other = await aContact(test.db, { name: "Wanda" });
    expect((await refusal(book({ customer_identifier: other.id }))).message).toContain(
      "Theo has no 60 minutes free then.",
    );
  });

  it("refuses a time that is past and names the field", async () => {
    const error = await refusal(book({ requested_date: "2026-11-23", requested_time: "08:30" }));
    expect(error).toMatchObject({ code: "validation_failed", fields: [{ path: "data.requested_date" }] });
  });

  it("refuses a second visit of the customer at that time unless the caller insists", async () => {
    await aTechnician(test.db, { name: "Una" });
    const { ticket } = await book({ requested_time: "13:00" });
    const error = await refusal(book({ requested_time: "13:30" }));
    expect(error).toMatchObject({ code: "conflict", ticket_id: ticket.id });
    const second = await book({ requested_time: "13:30", allow_duplicate: true });
    expect(second.warnings).toEqual(
      expect.arrayContaining([`They have visit #${ticket.number} that day, too: ${local("1:00 PM")}.`]),
    );
  });

  it("warns of a missing address and of overdue invoices", async () => {
    await anInvoice(test.db, { customer_id: maria.id, status: "open", due_date: "2026-11-20" });
    expect((await book()).warnings).toEqual([
      "The customer has no address on file; add it with contact.add_address.",
      "They have 1 overdue invoice.",
    ]);
  });

  describe("finds the address", () => {
    beforeEach(async () => {
      await anAddress(test.db, { contact_id: maria.id, label: "Home" });
      await anAddress(test.db, { contact_id: maria.id, label: "Shop", lines: ["9 Oak Street"] });
    });

    it.each([
      ["its label", "shop"],
      ["its text", "9 oak street, madison"],
    ])("by %s", async (_case, address_identifier) => {
      expect((await book({ address_identifier })).address).toMatchObject({ label: "Shop" });
    });

    it("asks where several may be meant, and makes none up", async () => {
      expect(await refusal(book())).toMatchObject({ code: "ambiguous", candidates: [{}, {}] });
      for (const address_identifier of ["77 Nowhere Lane", "2 Elm Street", "e", "?"])
        expect(await refusal(book({ address_identifier }))).toMatchObject({
          ...{ code: "validation_failed", fields: [{ path: "data.address_identifier" }] },
        });
    });
  });

  describe("finds the customer", () => {
    it.each([
      ["an id", () => maria.id],
      ["an e-mail", () => "MARIA@example.com"],
      ["a misspelled name", () => "Maria Gacria"],
    ])("by %s", async (_case, identifier) => {
      expect((await book({ customer_identifier: identifier() })).customer.id).toBe(maria.id);
    });

    it("asks where two share the name, and says what to do where nobody has it", async () => {
      await aContact(test.db, { name: "Marco Garcia" });
      expect(await refusal(book({ customer_identifier: "Garcia" }))).toMatchObject({
        ...{ code: "ambiguous", candidates: [{}, {}] },
      });
      expect((await book()).customer.id).toBe(maria.id);
      const nobody = await refusal(book({ customer_identifier: "Zyxwv" }));
      expect(nobody).toMatchObject({ code: "not_found", hint: expect.stringContaining("contact.create") });
    });

    it.each([
      "Maria Lopez",
      "Marta Garcia",
      "Anna Garcia",
      "Garcia Plumbing",
      "Mar",
      "M Garcia",
      "Marie Garzia",
    ])("never books somebody else for %s", async (customer_identifier) => {
      const { code } = await refusal(book({ customer_identifier }));
      expect(["ambiguous", "not_found"]).toContain(code);
    });

    it("never by notes alone", async () => {
      await aContact(test.db, { name: "Ada", notes: "Has a parrot." });
      expect(await refusal(book({ customer_identifier: "the one with the parrot" }))).toMatchObject({
        ...{ code: "ambiguous", candidates: [{ name: "Ada" }] },
      });
    });

    it("keeps the person of a lead as a customer", async () => {
      const lead = await aLead(test.db, { name: "Lee", emails: ["lee@example.com"] });
      const { customer } = await book({ customer_identifier: lead.id });
      expect(customer.name).toBe("Lee");
      expect((await test.db.getRepository(Lead).findOneByOrFail({ id: lead.id })).customer_id).toBe(
        customer.id,
      );
      expect((await book({ customer_identifier: lead.id, requested_date: "2026-11-25" })).customer).toEqual(
        customer,
      );
    });
  });

  describe("books all the same", () => {
    it.each<[string, Partial<Contact>, Partial<Input>, object]>([
      ["somebody without an address for messages", { emails: [] }, {}, { status: "none" }],
      ["somebody who asked not to be contacted", { do_not_contact: true }, {}, { status: "suppressed" }],
      ["where no confirmation is wanted", {}, { send_confirmation: false }, { status: "none" }],
    ])("%s", async (_case, who, input, confirmation) => {
      const { id } = await aContact(test.db, { name: "Wanda", emails: ["w@example.com"], ...who });
      expect(await book({ customer_identifier: id, ...input })).toMatchObject({ confirmation });
      expect(await test.db.getRepository(Ticket).countBy({ customer_id: id })).toBe(1);
    });

    it("with the built-in text where a person's template cannot be filled in", async () => {
      const name = "appointment_confirmation";
      await aTemplate(test.db, { name, channel: "email", subject: "Hi", body: "Bring {{gift}}." });
      const { warnings, confirmation } = await book();
      expect(warnings.join()).toContain(`The template ${name} was not used`);
      expect(confirmation.status).toBe("queued");
    });

    it("with a short list of services where there are many with long names", async () => {
      const service = (nth: number) => aService(test.db, { name: `${"Very long name ".repeat(12)}${nth}` });
      const services = await Promise.all(Array.from({ length: 15 }, (_, nth) => service(nth)));
      const { id } = await aContact(test.db, {
        name: "Wanda",
        phones: [{ number: "+16085550177", label: null }],
      });
      const booked = await book({
        customer_identifier: id,
        services: services.map((each) => each.id),
        duration_estimate_minutes: 60,
      });
      expect(booked.confirmation).toMatchObject({ status: "queued", channel: "sms" });
    });

    it("with a person's own template of that name", async () => {
      const name = "appointment_confirmation";
      await aTemplate(test.db, { name, channel: "email", subject: "Hi", body: "See you {{when}}." });
      await book();
      const [message] = await test.db.getRepository(Message).find();
      expect(message?.body).toBe(`See you ${local("8:00 AM")}.`);
    });
  });
});
