import type { EntityManager } from "typeorm";
import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import type { Settings } from "../../entities/settings.ts";
import { Technician } from "../../entities/technician.ts";
import { Ticket } from "../../entities/ticket.ts";
import { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { type Context, defineAction } from "../core/action.ts";
import { isTooFarAhead, TOO_FAR_AHEAD } from "../core/calendar.ts";
import { conflict, CrmError, notFound, validationFailed } from "../core/errors.ts";
import { findForReference, findOrFail, readById, update } from "../core/records.ts";
import { instantIn, inWords, momentInput } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { outsideHours, technicianId } from "../ticket/fields.ts";
import { toldStart } from "../ticket/notice.ts";
import { type Confirmation, confirm } from "../message/notice.ts";
import { entryId } from "./fields.ts";
import { type Slot, technicianFor } from "./slot.ts";
import { waitlistStates } from "./states.ts";
import { wasWritten } from "./take.ts";
import { type Work, workOf } from "./work.ts";

const MOST_OFFERED = 3;
const HOUR_MS = 3_600_000;

const NOT_WANTED: Confirmation = { status: "none", reason: "send is false." };

export const offerSlot = defineAction({
  domain: "waitlist",
  name: "offer",
  summary:
    "Offer a free time to up to three waiting customers, with a link to take it; the first one gets it, the others are told.",
  permission: "unrestricted",
  input: z.strictObject({
    ids: z
      .array(entryId)
      .min(1)
      .max(MOST_OFFERED)
      .transform((ids) => [...new Set(ids)].sort())
      .describe("1 to 3 entries of the waitlist"),
    window_start: momentInput.describe("Start of the free time: 2026-11-23T15:30, tomorrow at 2pm"),
    technician_id: technicianId
      .optional()
      .describe("Whose time it is; default: who is free and has the skills"),
    send: z
      .boolean()
      .default(true)
      .describe("Write to them; false only notes that you asked, by phone for example"),
    outside_hours: outsideHours.default(false),
  }),
  example: { ids: ["waitlist_entry_01kb2m6x8efh5rt3zqk9w7ycd4"], window_start: "2026-11-23T15:30" },

  undo: true,
  targets: ({ ids }) => ids,

  outcome: ({ offers }: Offered) =>
    `Offered to ${offers.length}; ${offers.filter(({ message }) => message.status === "queued").length} of the messages go out. The first who accepts gets the time.`,

  async handler(context, { ids, window_start, technician_id, send, outside_hours }): Promise<Offered> {
    const { db, now } = context;
    const settings = await settingsOf(db);
    const zone = settings.timezone;
    const start = instantIn(zone, window_start);
    checkStart(start, { now, zone });
    const slot = { start, settings, technician_id, outsideHours: outside_hours };
    const waiting: Waiting[] = [];
    for (const id of ids) waiting.push(await readWaiting(context, id, start));
    checkOnePerCustomer(waiting);
    const technician = await technicianFor(db, slot, waiting);
    const ends = new Date(Math.min(start.getTime(), now.getTime() + settings.offer_hours * HOUR_MS));
    const offers: Offer[] = [];
    const warnings: string[] = [];
    for (const each of waiting)
      offers.push(await offerTo(context, each, { slot, technician_id: technician.id, ends, send, warnings }));
    return {
      window_start: start,
      local: inWords(start, zone),
      zone,
      technician: { id: technician.id, name: technician.name },
      holds_until: inWords(ends, zone),
      offers,
      ...(warnings.length > 0 && { warnings: [...new Set(warnings)] }),
    };
  },
});

interface Offered {
  window_start: Date;
  local: string;
  zone: string;
  technician: { id: string; name: string };
  holds_until: string;
  offers: Offer[];
  warnings?: string[];
}

interface Offer {
  id: string;
  customer: { id: string; name: string };
  minutes: number;
  /** What became of the message. */
  message: Confirmation;
}

interface Waiting {
  entry: WaitlistEntry;
  work: Work;
  customer: Contact;
}

/** Entries are locked after technicians, as in every job that books from the waitlist. */
async function readWaiting({ db }: Context, id: string, start: Date): Promise<Waiting> {
  const entry = await readById(db, WaitlistEntry, { id });
  if (!entry) throw notFound("waitlist_entry", id);
  waitlistStates.next(entry.state, "offer");
  const customer = await findForReference(db, Contact, entry.customer_id);
  if (customer.archived_at)
    throw new CrmError("invalid_state", `${customer.name} is archived.`, {
      hint: `Take ${id} off the waitlist with waitlist.remove.`,
    });
  const visit = entry.ticket_id ? await readById(db, Ticket, { id: entry.ticket_id }) : undefined;
  if (visit?.window_start && visit.window_start <= start)
    throw conflict(
      `${customer.name} has visit #${visit.number} at that time or before it, and waits for an earlier one.`,
      `Offer ${id} an earlier time, or leave it out.`,
    );
  return { entry, work: await workOf(db, entry), customer };
}

/** Somebody who waits for two things gets one message about one time. */
function checkOnePerCustomer(waiting: readonly Waiting[]): void {
  for (const [at, { entry, customer }] of waiting.entries()) {
    const other = waiting.slice(0, at).find((each) => each.customer.id === customer.id)?.entry;
    if (!other) continue;
    throw validationFailed(
      [{ path: "data.ids", message: `names ${other.id} and ${entry.id}, both of ${customer.name}` }],
      "Offer the time for one of them, so that the customer gets one message.",
    );
  }
}

async function offerTo(
  context: Context,
  { entry: { id, offer_token }, work, customer }: Waiting,
  { slot, technician_id, ends, send, warnings }: Offering,
): Promise<Offer> {
  const entry = await findOrFail(context.db, WaitlistEntry, id);
  const offer = { id, customer: { id: customer.id, name: customer.name }, minutes: work.minutes };
  if (send && (await standsAlready(context, entry, slot)))
    return { ...offer, message: await standing(context.db, entry, slot.settings) };
  await update(context, entry, {
    state: waitlistStates.next(entry.state, "offer"),
    offered_start: slot.start,
    offered_at: context.now,
    offered_technician_id: technician_id,
    offered_outside_hours: slot.outsideHours,
    offer_ends_at: ends,
  });
  const values = {
    "offer.when": toldStart(slot.start, slot.settings),
    "offer.until": inWords(ends, slot.settings.timezone),
    "offer.services": work.services.join(", "),
    "offer.link": `${context.publicUrl}/visit/${offer_token}`,
  };
  const message = send
    ? await confirm(context, { template: "waitlist_offer", customer, entryId: id, values }, warnings)
    : NOT_WANTED;
  return { ...offer, message };
}

/** Whether they have been written to about this time, and can still take it. The same offer again tells nobody anything. */
async function standsAlready(
  context: Context,
  entry: WaitlistEntry,
  { start, technician_id }: Slot,
): Promise<boolean> {
  const { state, offered_start, offered_technician_id, offer_ends_at } = entry;
  if (state !== "offered" || !offer_ends_at || offer_ends_at <= context.now) return false;
  if (offered_start?.getTime() !== start.getTime()) return false;
  if (technician_id !== undefined && technician_id !== offered_technician_id) return false;
  return wasWritten(context, entry);
}

/** Says what holds, because the answer's own technician and end are those of the new offers. */
async function standing(
  db: EntityManager,
  { offered_technician_id, offer_ends_at }: WaitlistEntry,
  { timezone }: Settings,
): Promise<Confirmation> {
  const technician = offered_technician_id && (await readById(db, Technician, { id: offered_technician_id }));
  const parts = [
    "They have this offer already",
    ...(technician ? [`with ${technician.name}`] : []),
    ...(offer_ends_at ? [`until ${inWords(offer_ends_at, timezone)}`] : []),
  ];
  return { status: "none", reason: `${parts.join(", ")}.` };
}

interface Offering {
  slot: Slot;
  technician_id: string;
  ends: Date;
  send: boolean;
  /** Gets what the office should know. */
  warnings: string[];
}

function checkStart(start: Date, { now, zone }: { now: Date; zone: string }): void {
  const fault = (message: string, hint: string) =>
    validationFailed([{ path: "data.window_start", message }], hint);
  if (start <= now)
    throw fault(
      `is in the past: ${inWords(start, zone)}`,
      `It is now ${inWords(now, zone)} (${zone}). Offer a later slot.`,
    );
  if (isTooFarAhead(start, { now, zone })) throw fault(TOO_FAR_AHEAD, "Offer an earlier slot.");
}
