import type { Clock } from "../domain/core/clock.ts";
import { customerOf } from "../domain/core/principal.ts";
import { visitCalendarFile } from "../domain/ticket/calendar-file.ts";
import { readCustomerLink } from "../domain/workflow/customer-link.ts";
import type { Crm } from "./contract.ts";
import type { Reads } from "./reads.ts";

/** What is behind the links of customers. */
export const makeCustomerLinks = (
  reads: Reads,
  clock: Clock,
): Pick<Crm, "customerLink" | "customerCalendar"> => ({
  customerLink: (token) =>
    reads.run(customerOf(token), undefined, (snapshot) => readCustomerLink(snapshot, token, clock.now())),
  customerCalendar: ({ id }) =>
    reads.run(
      customerOf(id),
      undefined,
      async (snapshot) => (await visitCalendarFile(snapshot, id, clock.now()))?.content ?? null,
    ),
});
