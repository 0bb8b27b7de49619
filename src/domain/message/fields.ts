import type { EntityManager } from "typeorm";
import { z } from "zod";
import { rows } from "../../entities/database.ts";
import { notFound, validationFailed } from "../core/errors.ts";
import { idOf, prefixOf } from "../core/ids.ts";
import { text } from "../core/text.ts";

export const messageId = idOf("message");

/** What a message can be about. */
const SUBJECTS = ["ticket", "invoice", "lead"];

export const aboutId = z
  .string()
  .refine((id) => SUBJECTS.includes(prefixOf(id) ?? ""), "must be the id of a ticket, invoice or lead")
  .describe("Id of the ticket, invoice or lead it is about");

export const customerId = idOf("contact");
export const subject = text(200).regex(/^[^\r\n]*$/, "must be one line");
export const body = text(20_000);

/** What a message is about must be there, and be this customer's own where it names one. */
export async function mustBeTheirs(
  db: EntityManager,
  about: string | undefined,
  customerId: string,
): Promise<void> {
  if (about === undefined) return;
  const prefix = prefixOf(about) ?? "";
  const metadata = db.dataSource.entityMetadatas.find(({ tableName }) => tableName === prefix);
  if (!metadata) throw notFound(prefix, about);
  const owned = metadata.findColumnWithPropertyName("customer_id") ? "customer_id" : "NULL";
  const [found] = await rows<{ owner: string | null }>(
    db,
    `SELECT ${owned} AS owner FROM "${metadata.tableName}" WHERE id = $1`,
    [about],
  );
  if (!found) throw notFound(prefix, about);
  if (found.owner === null || found.owner === customerId) return;
  throw validationFailed(
    [{ path: "data.about_id", message: `is a ${prefix} of another customer` }],
    `Leave about_id out, or name a ${prefix} of this customer.`,
  );
}
