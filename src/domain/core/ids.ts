import { typeid } from "typeid-js";
import { z } from "zod";

/** Prefixes of TypeIDs. A record's prefix is its table's name, except for `auth` and `token`. */
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
  | "plan"
  | "attribute"
  | "attribute_value"
  | "template"
  | "holiday"
  | "user"
  | "token"
  | "session"
  | "job"
  | "auth"
  | "rule"
  | "delivery"
  | "message";

/** A new TypeID: prefix plus UUIDv7, so ids sort by creation time. */
export const newId = (prefix: IdPrefix): string => typeid(prefix).toString();

/** Where to look up ids that crm_query does not list. */
const FOUND: Readonly<Record<string, string>> = {
  address: "crm_query with type contacts and include addresses shows it",
  line_item: "crm_query with type tickets and include line_items shows it",
  job: "the answer to the request has it as job_id",
  authorization: "the answer to the request has it as queue_id",
  rule: "the page /rules shows them",
  user: "GET /api/users lists them",
  token: "GET /api/tokens lists them",
};

/** Hint for a missing or wrong id. */
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

/** `contact_01k…` → `contact`; null if it is not a TypeID. */
export const prefixOf = (id: string): string | null =>
  new RegExp(`^([a-z_]+)_${SUFFIX}$`).exec(id)?.[1] ?? null;
