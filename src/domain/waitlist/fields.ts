import type { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { idOf } from "../core/ids.ts";
import { momentInput } from "../core/time.ts";

export const entryId = idOf("waitlist_entry");

/** Which offer a customer answers. The answer may wait in the queue while another time is offered. */
export const answeredStart = momentInput.optional().describe("Start of the offer that the customer saw");

/** Whether this time is the one that the entry was offered last. */
export const isOfferOf = ({ offered_start }: WaitlistEntry, start: Date): boolean =>
  offered_start?.getTime() === start.getTime();
