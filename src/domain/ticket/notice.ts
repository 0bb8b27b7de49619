import type { Contact } from "../../entities/contact.ts";
import type { Settings } from "../../entities/settings.ts";
import type { Notice } from "../message/notice.ts";
import type { BookedVisit } from "./visit.ts";
import { type When, whenOf } from "./when.ts";

/** The time as the customer reads it. */
export const toldTime = ({ local, arrival }: When): string => arrival ?? local;

/** A start as the customer reads it. */
export const toldStart = (start: Date, settings: Settings): string =>
  toldTime(whenOf(start, start, settings));

/** The message to the customer about the visit. `visit.link` is a value that the templates know but do not require. */
export const noticeOf = (
  template: Notice["template"],
  customer: Contact,
  { ticket, when, address, services, technician }: BookedVisit,
): Notice => ({
  template,
  customer,
  ticketId: ticket.id,
  values: {
    when: toldTime(when),
    address: address?.line ?? "",
    services: listed(services.map(({ description }) => description)),
    technician: technician.name,
  },
});

/** Short enough for an SMS. */
const LONGEST_LIST = 200;

export function listed(names: readonly string[]): string {
  const all = names.join(", ");
  return all.length > LONGEST_LIST ? `${all.slice(0, LONGEST_LIST - 1)}…` : all;
}
