import { getMetadataArgsStorage } from "typeorm";
import { Address } from "./address.ts";
import { AttributeValue } from "./attribute-value.ts";
import type { Personal } from "./columns.ts";
import { Contact } from "./contact.ts";
import { Invoice } from "./invoice.ts";
import { Lead } from "./lead.ts";
import { LineItem } from "./line-item.ts";
import { Message } from "./message.ts";
import { Plan } from "./plan.ts";
import { Ticket } from "./ticket.ts";
import { WaitlistEntry } from "./waitlist-entry.ts";

export interface PersonalTable extends Personal {
  table: string;
}

const tableOf = (entity: unknown): string => {
  const table = getMetadataArgsStorage().tables.find(({ target }) => target === entity)?.name;
  if (!table) throw new Error(`${String(entity)} is no entity with a table name`);
  return table;
};

/**
 * Tables with data of a customer, read by merge, deletion history, erasure and data export. Tables come after their
 * owners. A test compares them with the foreign keys of the database.
 */
export const PERSONAL_TABLES: readonly PersonalTable[] = [
  Contact,
  Address,
  Plan,
  Ticket,
  LineItem,
  Invoice,
  Message,
  Lead,
  WaitlistEntry,
  AttributeValue,
].map((entity) => ({ table: tableOf(entity), ...entity.personal }));

/** The column of a table with the id of the customer, if rows name one. */
export const customerColumn = ({ owners }: Personal): string | undefined =>
  Object.keys(owners).find((column) => owners[column] === "contact");
