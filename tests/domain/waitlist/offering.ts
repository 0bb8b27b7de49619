import type { DataSource } from "typeorm";
import { acceptOffer } from "../../../src/domain/waitlist/accept.ts";
import { offerSlot } from "../../../src/domain/waitlist/offer.ts";
import { Message } from "../../../src/entities/message.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { WaitlistEntry } from "../../../src/entities/waitlist-entry.ts";
import { act, MONDAY_9 } from "../../support/act.ts";
import { aService } from "../../support/definitions.ts";
import { aContact, aTechnician, aWaitlistEntry, theSettings } from "../../support/factories.ts";

export const window_start = "2026-11-24T15:30"; // Tuesday.
export const START = new Date("2026-11-24T21:30:00Z");

/** A business with Rosa and screen cleaning, and what tests of offers do there. */
export async function makeOffering(db: DataSource) {
  await theSettings(db);
  const rosa = await aTechnician(db, { name: "Rosa" });
  const work = { name: "Screen cleaning", duration_minutes: 60, unit_price_cents: 9_000 };
  const screens = await aService(db, work);
  return {
    rosa,
    screens,
    /** Somebody who waits for screen cleaning. */
    async waiting(name: string, values: Partial<WaitlistEntry> = {}): Promise<WaitlistEntry> {
      const emails = [`${name.toLowerCase()}@example.com`];
      const { id: customer_id } = await aContact(db, { name, emails });
      return aWaitlistEntry(db, { customer_id, service_ids: [screens.id], ...values });
    },
    entryOf: (id: string) => db.getRepository(WaitlistEntry).findOneByOrFail({ id }),
    /** The templates of the messages to them, in order. */
    async messagesTo({ customer_id }: WaitlistEntry): Promise<(string | null)[]> {
      const sent = await db.getRepository(Message).find({ where: { customer_id }, order: { id: "ASC" } });
      return sent.map(({ template }) => template);
    },
    visitsOf: ({ customer_id }: WaitlistEntry) => db.getRepository(Ticket).findBy({ customer_id }),
    offer: (entries: readonly WaitlistEntry[], more = {}) =>
      act(db, offerSlot, { ids: entries.map(({ id }) => id), window_start, ...more }),
    accept: ({ id }: WaitlistEntry, now = MONDAY_9) => act(db, acceptOffer, { id }, now),
  };
}
