import type { EntityManager } from "typeorm";
import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { rows } from "../../entities/database.ts";
import { defineAction } from "../core/action.ts";
import type { Context } from "../core/context.ts";
import { CrmError } from "../core/errors.ts";
import { readRecord } from "../core/query.ts";
import { findOrFail, update } from "../core/records.ts";
import { contactId } from "./fields.ts";
import { contacts } from "./type.ts";

interface Belonging {
  table: string;
  /** The column that names the customer. */
  owner: string;
  /** A customer has one for each of these: what the one who is kept has already is right. */
  onePer?: string;
}

/** What goes with a customer: one line for each kind of record. */
const BELONGINGS: readonly Belonging[] = [
  { table: "address", owner: "contact_id" },
  { table: "ticket", owner: "customer_id" },
  { table: "invoice", owner: "customer_id" },
  { table: "message", owner: "customer_id" },
  { table: "lead", owner: "customer_id" },
  { table: "waitlist_entry", owner: "customer_id" },
  { table: "attribute_value", owner: "contact_id", onePer: "attribute_id" },
  { table: "contact", owner: "merged_into_id" }, // Earlier duplicates: every forward is one step long.
];

export const mergeContacts = defineAction({
  domain: "contact",
  name: "merge",
  summary:
    "Make one of a customer who is kept twice: everything moves to into_id; id stays as a forward to it. Give your reasoning.",
  permission: "soft_limit",
  input: z
    .strictObject({
      id: contactId.describe("The duplicate: it is archived and forwards to the other"),
      into_id: contactId.describe(
        "Who is kept: gets addresses, visits, invoices, phones, e-mails, tags, notes",
      ),
    })
    .refine(({ id, into_id }) => id !== into_id, {
      path: ["into_id"],
      error: "is the duplicate itself; name the one to keep",
    }),
  example: {
    id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    into_id: "contact_01kb2m6x8efh5rt3zqk9w7ycd5",
  },

  destructive: true,
  undo: { level: "soft_limit" },
  targets: ({ id, into_id }) => [id, into_id],

  async handler(context, { id, into_id }) {
    const { duplicate, kept } = await lockBoth(context.db, id, into_id);
    if (kept.archived_at) throw keptIsArchived(kept);
    for (const belonging of BELONGINGS) await move(context, belonging, { id, into_id });
    await update(context, Contact, kept, united(kept, duplicate));
    await update(context, Contact, duplicate, {
      merged_into_id: into_id,
      archived_at: duplicate.archived_at ?? context.now,
    });
    return readRecord(context.db, contacts, into_id, ["addresses"]);
  },
});

/** In one order for everybody, so that two merges at the same time cannot deadlock. */
async function lockBoth(db: EntityManager, id: string, intoId: string) {
  const locked = new Map<string, Contact>();
  for (const each of [id, intoId].sort()) locked.set(each, await findOrFail(db, Contact, each));
  const [duplicate, kept] = [locked.get(id), locked.get(intoId)];
  if (!duplicate || !kept) throw new Error("findOrFail answers a record or throws");
  return { duplicate, kept };
}

function move(
  { db, now }: Context,
  { table, owner, onePer }: Belonging,
  { id, into_id }: { id: string; into_id: string },
) {
  const free = onePer ? `${onePer} NOT IN (SELECT ${onePer} FROM ${table} WHERE ${owner} = $2)` : "true";
  return rows(
    db,
    `UPDATE ${table} SET ${owner} = $2, version = version + 1, updated_at = $3 WHERE ${owner} = $1 AND ${free}`,
    [id, into_id, now],
  );
}

/** What is known of both; where they differ, the one who is kept is right. */
function united(kept: Contact, duplicate: Contact): Partial<Contact> {
  const known = new Set(kept.phones.map(({ number }) => number));
  const notes = [...new Set([kept.notes, duplicate.notes])].filter((each) => each !== null);
  return {
    company: kept.company ?? duplicate.company,
    phones: [...kept.phones, ...duplicate.phones.filter(({ number }) => !known.has(number))],
    emails: [...new Set([...kept.emails, ...duplicate.emails])],
    preferred_channel: kept.preferred_channel ?? duplicate.preferred_channel,
    do_not_contact: kept.do_not_contact || duplicate.do_not_contact, // Whoever said no has said no.
    tags: [...new Set([...kept.tags, ...duplicate.tags])],
    notes: notes.length > 0 ? notes.join("\n\n") : null,
    source: kept.source ?? duplicate.source,
  };
}

const keptIsArchived = ({ id }: Contact) =>
  new CrmError("invalid_state", `The contact ${id} is archived; nobody is merged into it.`, {
    hint: "Keep the one that is not archived: swap id and into_id.",
  });
