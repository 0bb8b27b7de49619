import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import type { Invoice } from "../../entities/invoice.ts";

/** Draft and void invoices do not count: a draft can still be changed, and a void invoice bills nothing. */
export async function finalizedInvoiceOf(
  db: EntityManager,
  ticketId: string,
): Promise<Pick<Invoice, "id" | "number"> | null> {
  const [invoice] = await rows<Pick<Invoice, "id" | "number">>(
    db,
    "SELECT id, number FROM invoice WHERE ticket_id = $1 AND status NOT IN ('draft', 'void') LIMIT 1",
    [ticketId],
  );
  return invoice ?? null;
}
