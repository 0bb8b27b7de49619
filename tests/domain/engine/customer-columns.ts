import { getMetadataArgsStorage } from "typeorm";
import { BusinessRecord } from "../../../src/entities/columns.ts";
import { Address } from "../../../src/entities/address.ts";
import { AttributeValue } from "../../../src/entities/attribute-value.ts";
import { Contact } from "../../../src/entities/contact.ts";
import { Invoice } from "../../../src/entities/invoice.ts";
import { Lead } from "../../../src/entities/lead.ts";
import { LineItem } from "../../../src/entities/line-item.ts";
import { Message } from "../../../src/entities/message.ts";
import { Plan } from "../../../src/entities/plan.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { WaitlistEntry } from "../../../src/entities/waitlist-entry.ts";

/** The rows that a deletion of the customer takes along, one of each table. */
export const ENTITIES = [
  ...[Contact, Address, Plan, Ticket, LineItem, Invoice, Message, Lead, WaitlistEntry, AttributeValue],
] as const;

/**
 * Nothing that a person reads or approves: `version` and `updated_at` move with every write, also where a value
 * returns; `created_at` never changes; the database assigns an invoice's number and the secret of its pay link, and a
 * visit's number, and none of them is what the row says.
 */
export const NOT_COVERED: Record<string, string[]> = {
  every: ["id", "version", "created_at", "updated_at"],
  ticket: ["number", "visit_token"],
  waitlist_entry: ["offer_token"],
  invoice: ["number", "pay_token"],
};

export interface Column {
  table: string;
  column: string;
  type: string;
  array: boolean;
  /** The table that it refers to. */
  refersTo: string | null;
}

const storage = getMetadataArgsStorage();
export const tableOf = (target: unknown) => storage.tables.find((each) => each.target === target)?.name ?? "";

function columnsOf(entity: (typeof ENTITIES)[number]): Column[] {
  const table = tableOf(entity);
  return storage.filterColumns([entity, BusinessRecord]).map(({ propertyName: column, options }) => {
    const join = storage.joinColumns.find(({ target, name }) => target === entity && name === column);
    const relation = storage.relations.find(
      ({ target, propertyName }) => target === entity && propertyName === join?.propertyName,
    );
    const to = typeof relation?.type === "function" ? (relation.type as () => unknown)() : relation?.type; // No argument: not a class here.
    const refersTo = to === undefined ? null : to === "Invoice" ? "invoice" : tableOf(to);
    return { table, column, type: String(options.type), array: options.array === true, refersTo };
  });
}

export const COLUMNS = ENTITIES.flatMap(columnsOf);
export const isVolatile = ({ table, column }: Column) =>
  [...(NOT_COVERED["every"] ?? []), ...(NOT_COVERED[table] ?? [])].includes(column);

/** A merged customer cannot be found any more, so that nothing is asked again. */
export const MERGED = COLUMNS.find(({ column }) => column === "merged_into_id") as Column; // A test below reads it.

/** SQL for another value of the column. */
export function otherValue(
  { table, column, type, array, refersTo }: Column,
  spare: Record<string, string>,
): string {
  const name = `"${column}"`;
  if (refersTo !== null) return `'${spare[refersTo]}'`;
  if (array) return `array_append(${name}, 'changed')`;
  if (table === "attribute_value" && column === "value") return "to_jsonb(26)";
  const values: Record<string, string> = {
    text: `coalesce(${name}, '') || ' changed'`,
    boolean: `NOT ${name}`,
    integer: `coalesce(${name}, 0) + 1`,
    bigint: `coalesce(${name}, 0) + 1`,
    numeric: `coalesce(${name}, 0) + 1`,
    timestamptz: `coalesce(${name}, '2031-01-06T10:00Z') + interval '1 hour'`,
    date: `coalesce(${name}, '2031-01-06') + 1`,
    tstzrange: "tstzrange('2031-01-06T10:00Z', '2031-01-06T11:00Z')",
    jsonb: `jsonb_build_array(${name})`,
  };
  const value = values[type];
  if (value === undefined) throw new Error(`no other value for ${table}.${column}, which is ${type}`);
  return value;
}
