import { typeid } from "typeid-js";
import { z } from "zod";

/** Prefixes of TypeIDs; a record's prefix is its table's name, but for `auth` and `token`. */
export type IdPrefix =
  | "contact"
  | "address"
  | "ticket"
  | "line_item"
  | "invoice"
  | "technician"
  | "service"
  | "lead"
  | "waitlist_entry"
  | "attribute"
  | "attribute_value"
  | "template"
  | "holiday"
  | "user"
  | "token"
  | "job"
  | "auth"
  | "rule"
  | "delivery"
  | "message";

/** A new TypeID: prefix plus UUIDv7, so ids sort by the time they were made. */
export const newId = (prefix: IdPrefix): string => typeid(prefix).toString();

/** Where ids come from that crm_query does not list. */
const FOUND: Readonly<Record<string, string>> = {
  address: "crm_query with type contacts and include addresses shows it",
  line_item: "crm_query with type tickets and include line_items shows it",
  job: "the answer to the request has it as job_id",
  authorization: "the answer to the request has it as queue_id",
  rule: "the page /rules shows them",
  user: "GET /api/users lists them",
};

/** For whom an id is missing or wrong: the next step. */
export const whereFound = (kind: string): string => FOUND[kind] ?? "look it up with crm_query";

const SUFFIX = "[0-7][0-9a-hjkmnp-tv-z]{25}";

/** Schema of an id of one kind: `idOf("contact")`. */
export const idOf = (prefix: IdPrefix) =>
  z
    .string()
    .regex(
      new RegExp(`^${prefix}_${SUFFIX}$`),
      `must be a ${prefix} id such as ${prefix}_01k…; ${whereFound(prefix)}`,
    )
    .describe(`Id of a ${prefix}: ${prefix}_…`);

/** `contact_01k…` → `contact`; null where it is no TypeID. */
export const prefixOf = (id: string): string | null =>
  new RegExp(`^([a-z_]+)_${SUFFIX}$`).exec(id)?.[1] ?? null;
