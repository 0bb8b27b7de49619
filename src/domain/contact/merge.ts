import type { EntityManager } from "typeorm";
import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { customerColumn, PERSONAL_TABLES, type PersonalTable } from "../../entities/personal.ts";
import { rows } from "../../database/sql.ts";
import { defineAction } from "../core/action.ts";
import type { Context } from "../core/action.ts";
import { CrmError } from "../core/errors.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { contactId } from "./fields.ts";
import { contacts } from "./type.ts";

export const mergeContacts = defineAction({
  domain: "contact",
  name: "merge",
  summary:
    "Merge a duplicate customer into another one. All records move to into_id, and id forwards to it. Requires reasoning.",
  permission: "soft_limit",
  input: z
    .strictObject({
      id: contactId.describe("The duplicate; it is archived and forwards to into_id"),
      into_id: contactId.describe(
        "The customer to keep; receives all records, phones, e-mails, tags and notes",
      ),
    })
    .refine(({ id, into_id }) => id !== into_id, {
      path: ["into_id"],
      error: "must differ from id; name the customer to keep",
    }),
  example: {
    id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    into_id: "contact_01kb2m6x8efh5rt3zqk9w7ycd5",
  },

  destructive: true,
  undo: true,
  targets: ({ id, into_id }) => [id, into_id],
  mergesInto: ({ into_id }) => into_id,

  async handler(context, { id, into_id }) {
    const { duplicate, kept } = await lockBoth(context.db, id, into_id);
    if (kept.archived_at) throw keptIsArchived(kept);
    // Earlier duplicates of the contact move too, so that every forward is one step long.
    for (const table of PERSONAL_TABLES) await moveRows(context, table, { id, into_id });
    await update(context, kept, combine(kept, duplicate));
    await update(context, duplicate, {
      merged_into_id: into_id,
      archived_at: duplicate.archived_at ?? context.now,
    });
    return readRecord(context, contacts, { id: into_id, include: ["addresses"] });
  },
});

/** Locks in id order, so that two concurrent merges cannot deadlock. */
async function lockBoth(db: EntityManager, id: string, intoId: string) {
  const locked = new Map<string, Contact>();
  for (const each of [id, intoId].sort()) locked.set(each, await findOrFail(db, Contact, each));
  const [duplicate, kept] = [locked.get(id), locked.get(intoId)];
  if (!duplicate || !kept) throw new Error("findOrFail returns a record or throws");
  return { duplicate, kept };
}

/** Moves the rows of one table that name the duplicate as their customer. */
async function moveRows({ db, now }: Context, table: PersonalTable, { id, into_id }: Merge) {
  const column = customerColumn(table);
  if (!column) return;
  const { table: name, onePer } = table;
  const noClash = onePer ? `${onePer} NOT IN (SELECT ${onePer} FROM ${name} WHERE ${column} = $2)` : "true";
  await rows(
    db,
    `UPDATE ${name} SET ${column} = $2, version = version + 1, updated_at = $3 WHERE ${column} = $1 AND ${noClash}`,
    [id, into_id, now],
  );
}

interface Merge {
  id: string;
  into_id: string;
}

/** Combines the data of both; where single values differ, the kept customer wins. */
function combine(kept: Contact, duplicate: Contact): Partial<Contact> {
  const known = new Set(kept.phones.map(({ number }) => number));
  const notes = [...new Set([kept.notes, duplicate.notes])].filter((each) => each !== null);
  return {
    company: kept.company ?? duplicate.company,
    phones: [...kept.phones, ...duplicate.phones.filter(({ number }) => !known.has(number))],
    emails: [...new Set([...kept.emails, ...duplicate.emails])],
    preferred_channel: kept.preferred_channel ?? duplicate.preferred_channel,
    do_not_contact: kept.do_not_contact || duplicate.do_not_contact, // An opt-out of either applies.
    tags: [...new Set([...kept.tags, ...duplicate.tags])],
    notes: notes.length > 0 ? notes.join("\n\n") : null,
    source: kept.source ?? duplicate.source,
  };
}

const keptIsArchived = ({ id }: Contact) =>
  new CrmError("invalid_state", `The contact ${id} is archived, so nothing can be merged into it.`, {
    hint: "Keep the active one: swap id and into_id.",
  });
