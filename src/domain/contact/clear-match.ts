import { distance } from "fastest-levenshtein";
import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import type { EntityManager } from "typeorm";
import type { Contact } from "../../entities/contact.ts";
import { rows } from "../../database/sql.ts";
import { CrmError } from "../core/errors.ts";
import { prefixOf } from "../core/ids.ts";
import { settingsOf } from "../settings/current.ts";
import { type Candidate, findIn } from "./find.ts";
import { findActiveContact } from "./find-active.ts";

const MOST_NAMED = 5;
/** A name that matches this much better than all others is the one. */
const CLEAR_LEAD = 0.15;

interface Wanted {
  identifier: string;
  /** Of the field in the request: `data.customer_identifier`. */
  path: string;
  now: Date;
}

/**
 * The one active customer that an id, a phone number, an e-mail or a name means. Text in notes or a street alone never
 * chooses a customer to act on. Throws `ambiguous` with the candidates, `not_found` where nobody fits.
 */
export const findClearCustomer = async (db: EntityManager, wanted: Wanted): Promise<Contact> =>
  findActiveContact(db, await clearCustomerId(db, wanted));

/** As `findClearCustomer`, for reads: it locks nothing, and does not check an id. */
export async function clearCustomerId(db: EntityManager, wanted: Wanted): Promise<string> {
  const { identifier } = wanted;
  if (prefixOf(identifier) === "contact") return identifier;
  const reached = await reachedBy(db, identifier);
  const [only, ...others] = reached;
  if (only && others.length === 0) return only.id;
  const { candidates } = await findIn(db, { query: identifier, include_history: false }, wanted.now);
  const clear = only ? undefined : clearOf(candidates, identifier);
  if (clear) return clear.id;
  throw unclear(wanted, candidates);
}

/** Active customers with exactly this phone number or e-mail. */
async function reachedBy(db: EntityManager, text: string): Promise<{ id: string }[]> {
  const { country } = await settingsOf(db);
  const phone = parsePhoneNumberFromString(text, country as "US")?.number; // The type lists the known countries.
  const email = text.trim().toLowerCase();
  if (!phone && !email.includes("@")) return [];
  return rows(
    db,
    `SELECT id FROM contact WHERE archived_at IS NULL AND (phones @> $1::jsonb OR emails && $2) ORDER BY id LIMIT 2`,
    [JSON.stringify([{ number: phone ?? "" }]), [email]],
  );
}

/** The only one whose name matches, or whose name does so by far best, and whom every word fits. */
function clearOf(candidates: readonly Candidate[], identifier: string): Candidate | undefined {
  const named = candidates.filter(
    (each) => each.matched_on.includes("name") && fitsEachWord(each, wordsOf(identifier)),
  );
  const same = named.filter(({ name }) => plain(name) === plain(identifier));
  const [best, next] = same.length > 0 ? same : named;
  if (!best || !next || best.score - next.score >= CLEAR_LEAD) return best;
  return undefined;
}

/** Said before or after a name, and in none. */
const TITLES = new Set(["mr", "mrs", "ms", "miss", "dr", "the", "family", "and"]);

const wordsOf = (text: string): string[] =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");

/** Every word is in the name or the address, one of them with a slip of the pen at most. */
function fitsEachWord({ summary }: Candidate, words: readonly string[]): boolean {
  const known = wordsOf(summary);
  const others = words.filter((word) => !known.includes(word) && !TITLES.has(word));
  return others.length < 2 && others.every((word) => known.some((one) => isSlip(word, one)));
}

const SHORTEST_SLIP = 6;

/** `gacria` for `garcia`: up to two letters differ, in a word of at least six that begins the same. */
const isSlip = (word: string, known: string): boolean =>
  word.length >= SHORTEST_SLIP && word[0] === known[0] && distance(word, known) <= 2;

const plain = (name: string): string => name.trim().toLowerCase().replace(/\s+/g, " ");

function unclear({ identifier, path }: Wanted, found: readonly Candidate[]): CrmError {
  const quoted = JSON.stringify(identifier.slice(0, 80));
  const candidates = found.slice(0, MOST_NAMED).map(({ id, name, summary, matched_on }) => ({
    id,
    name,
    summary,
    matched_on,
  }));
  if (candidates.length === 0)
    return new CrmError("not_found", `No customer matches ${quoted}.`, {
      fields: [{ path, message: "matches nobody" }],
      hint: "Try find_customer with a phone number, street or town, or add the customer with contact.create.",
    });
  const many = candidates.length > 1;
  return new CrmError(
    "ambiguous",
    `${many ? "Several customers match" : "No customer is clearly meant by"} ${quoted}.`,
    {
      fields: [{ path, message: "is not clear" }],
      hint: `Ask which one is meant, then use the id of ${many ? "one of them" : "that customer"}.`,
      extra: { candidates },
    },
  );
}
