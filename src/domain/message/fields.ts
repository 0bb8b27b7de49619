import type { EntityManager } from "typeorm";
import { z } from "zod";
import { rows } from "../../database/sql.ts";
import { notFound, validationFailed } from "../core/errors.ts";
import { idOf, prefixOf } from "../core/ids.ts";
import { text } from "../core/fields.ts";

export const messageId = idOf("message");

/** Record types that a message can be about. */
const ABOUT_TYPES = ["ticket", "invoice", "lead", "waitlist_entry"];

export const aboutId = z
  .string()
  .refine(
    (id) => ABOUT_TYPES.includes(prefixOf(id) ?? ""),
    "must be the id of a ticket, invoice, lead or waitlist entry",
  )
  .describe("Id of the ticket, invoice, lead or waitlist entry that it is about");

export const customerId = idOf("contact");
export const subject = text(200).regex(/^[^\r\n]*$/, "must be one line");
export const body = text(20_000);

/** The record that a message is about must exist, and if it has a customer, it must be this one. */
export async function checkAboutId(
  db: EntityManager,
  aboutId: string | undefined,
  customerId: string,
): Promise<void> {
  if (aboutId === undefined) return;
  const prefix = prefixOf(aboutId) ?? "";
  const metadata = db.dataSource.entityMetadatas.find(({ tableName }) => tableName === prefix);
  if (!metadata) throw notFound(prefix, aboutId);
  const owner = metadata.findColumnWithPropertyName("customer_id") ? "customer_id" : "NULL";
  const [found] = await rows<{ owner: string | null }>(
    db,
    `SELECT ${owner} AS owner FROM "${metadata.tableName}" WHERE id = $1`,
    [aboutId],
  );
  if (!found) throw notFound(prefix, aboutId);
  if (found.owner === null || found.owner === customerId) return;
  throw validationFailed(
    [{ path: "data.about_id", message: `is a ${prefix} of another customer` }],
    `Leave about_id out, or use a ${prefix} of this customer.`,
  );
}
