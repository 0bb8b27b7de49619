import { Ticket } from "../../entities/ticket.ts";
import { rows } from "../../database/sql.ts";
import type { Context } from "../core/action.ts";
import { CrmError, notFound } from "../core/errors.ts";
import { prefixOf } from "../core/ids.ts";
import { findOrFail } from "../core/records.ts";
import { inWords } from "../core/time.ts";
import { findClearCustomer } from "../contact/clear-match.ts";
import { settingsOf } from "../settings/current.ts";

const PATH = "data.ticket_id";
const MOST_NAMED = 5;

/**
 * The visit that an id or a number (`#17`) names, or the only open visit of the customer that the text names. Throws
 * `ambiguous` with the visits where they have several, `not_found` where they have none.
 */
export async function findVisit(context: Context, identifier: string): Promise<Ticket> {
  const { db, now } = context;
  if (prefixOf(identifier) === "ticket") return findOrFail(db, Ticket, identifier);
  const numbered = /^#?(\d{1,6})$/.exec(identifier.trim());
  if (numbered) {
    const found = await db.findOneBy(Ticket, { number: Number(numbered[1]) });
    if (!found) throw notFound("ticket", identifier);
    return findOrFail(db, Ticket, found.id);
  }
  const customer = await findClearCustomer(db, { identifier, path: PATH, now });
  const open = await rows<Pick<Ticket, "id" | "number" | "window_start">>(
    db,
    `SELECT id, number, window_start FROM ticket WHERE customer_id = $1 AND status IN ('unscheduled', 'scheduled', 'in_progress')
     ORDER BY window_start NULLS LAST, number LIMIT ${MOST_NAMED + 1}`,
    [customer.id],
  );
  const [only] = open;
  if (only && open.length === 1) return findOrFail(db, Ticket, only.id);
  if (!only) throw nothingOpen(customer.id);
  const { timezone: zone } = await settingsOf(db);
  const candidates = open.slice(0, MOST_NAMED).map(({ id, number, window_start }) => ({
    id,
    name: `Visit #${number}`,
    summary: `Visit #${number}, ${window_start ? inWords(window_start, zone) : "not scheduled yet"}`,
  }));
  throw new CrmError("ambiguous", "They have several open visits.", {
    fields: [{ path: PATH, message: "is not clear" }],
    hint: `Ask which one, then give its id: ${candidates.map(({ id, summary }) => `${id} (${summary})`).join("; ")}.`,
    extra: { candidates },
  });
}

const nothingOpen = (customerId: string): CrmError =>
  new CrmError("not_found", "The customer has no open visit.", {
    fields: [{ path: PATH, message: "names a customer without an open visit" }],
    hint: `Book one with schedule_appointment, or look at their visits: crm_query with type tickets and filters {"customer_id": "${customerId}"}.`,
  });
