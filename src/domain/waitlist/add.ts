import { type EntityManager, IsNull, Not } from "typeorm";
import { z } from "zod";
import { Address } from "../../entities/address.ts";
import { LineItem } from "../../entities/line-item.ts";
import { Ticket } from "../../entities/ticket.ts";
import { PARTS_OF_DAY, WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { findActiveContact } from "../contact/find-active.ts";
import { todayOf } from "../core/calendar.ts";
import { contacts } from "../contact/type.ts";
import { defineAction } from "../core/action.ts";
import { validationFailed } from "../core/errors.ts";
import { idOf } from "../core/ids.ts";
import { readRecord } from "../query/read-record.ts";
import { findForReference, insert, readById } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { dateInput, WEEKDAYS } from "../core/time.ts";
import { findService } from "../service/find.ts";
import { settingsOf } from "../settings/current.ts";
import { durationMinutes } from "../ticket/fields.ts";
import { checkVisitAddress } from "../ticket/visit-address.ts";
import { waitlist } from "./type.ts";

const subsetOf = <Name extends string>(names: readonly [Name, ...Name[]]) =>
  z
    .array(z.enum(names))
    .max(names.length)
    .transform((list) => names.filter((name) => list.includes(name)))
    .default([]);

export const addToWaitlist = defineAction({
  domain: "waitlist",
  name: "add",
  summary: "Add a customer to the waitlist: which services, and which days and times suit.",
  permission: "unrestricted",
  input: z.strictObject({
    customer_id: idOf("contact").describe("Customer who waits"),
    services: z.array(text(200)).max(20).default([]).describe("Services by name or id"),
    days: subsetOf(WEEKDAYS).describe("Weekdays that suit; default: any"),
    times: subsetOf(PARTS_OF_DAY).describe("Parts of the day that suit; default: any"),
    address_id: idOf("address").optional().describe("Where; default: their only service address"),
    duration_minutes: durationMinutes.optional().describe("Default: of the visit or the services"),
    ticket_id: idOf("ticket").optional().describe("The visit that they have and want earlier"),
    until: dateInput.nullable().default(null).describe("Last day that suits"),
    notes: text(2_000).nullable().default(null).describe("Other wishes"),
  }),
  example: {
    customer_id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    days: ["monday", "friday"],
    times: ["afternoon"],
    until: "2026-12-18",
  },

  undo: true,
  targets: ({ customer_id }) => [customer_id],

  async handler(context, { services, ...wish }) {
    const { db, now } = context;
    await findActiveContact(db, wish.customer_id);
    const { timezone: zone } = await settingsOf(db);
    const today = todayOf({ now, zone }).date;
    if (wish.until && wish.until < today) {
      throw validationFailed([{ path: "data.until", message: `is in the past; today is ${today}` }]);
    }
    const ids: string[] = [];
    for (const [index, named] of services.entries())
      ids.push(
        (
          await findService(db, named, {
            path: `data.services.${index}`,
            instead: "leave services out and give duration_minutes",
          })
        ).id,
      );
    if (wish.ticket_id) await checkWantedEarlier(db, wish.ticket_id, wish.customer_id);
    if (wish.ticket_id && ids.length === 0) ids.push(...(await servicesOn(db, wish.ticket_id)));
    if (wish.address_id) await checkVisitAddress(db, wish.address_id, wish.customer_id);
    const address_id = wish.address_id ?? (await onlyAddress(db, wish));
    const { id } = await insert(context, WaitlistEntry, {
      ...wish,
      address_id,
      service_ids: [...new Set(ids)],
    });
    return {
      ...(await readRecord(context, waitlist, { id })),
      customer: await readRecord(context, contacts, { id: wish.customer_id }),
    };
  },
});

/** The visit that they want earlier must be theirs and still ahead. */
async function checkWantedEarlier(db: EntityManager, ticketId: string, customerId: string): Promise<void> {
  const { customer_id, status, number } = await findForReference(db, Ticket, ticketId);
  const fault =
    customer_id !== customerId
      ? "is a visit of another customer"
      : status === "scheduled" || status === "unscheduled"
        ? null
        : `is visit #${number}, which is ${status}`;
  if (fault === null) return;
  throw validationFailed(
    [{ path: "data.ticket_id", message: fault }],
    `Look their visits up: crm_query with type tickets and filters {"customer_id": "${customerId}", "status": "scheduled"}. Or leave ticket_id out.`,
  );
}

async function servicesOn(db: EntityManager, ticketId: string): Promise<string[]> {
  const lines = await db.find(LineItem, { where: { ticket_id: ticketId, service_id: Not(IsNull()) } });
  return lines.flatMap(({ service_id }) => service_id ?? []).sort();
}

/** That of the visit, or the only one for visits. */
async function onlyAddress(
  db: EntityManager,
  { customer_id, ticket_id }: { customer_id: string; ticket_id?: string | undefined },
): Promise<string | null> {
  const ticket = ticket_id ? await readById(db, Ticket, { id: ticket_id }) : undefined;
  if (ticket?.address_id) return ticket.address_id;
  const [only, ...others] = await db.find(Address, { where: { contact_id: customer_id, kind: "service" } });
  return others.length === 0 ? (only?.id ?? null) : null;
}
