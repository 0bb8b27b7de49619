import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { updateInput } from "../core/update-input.ts";
import { concernsReach, reachesAgain } from "./consent.ts";
import { contactFields, contactId } from "./fields.ts";
import { contacts } from "./type.ts";

export const updateContact = defineAction({
  domain: "contact",
  name: "update",
  summary:
    "Change what is known of a customer; or bring an archived one back with active. Lists are replaced, null clears.",
  permission: "unrestricted",
  input: updateInput(contactId, {
    ...contactFields,
    active: z.literal(true).describe("Worked for again; contact.archive is the way out"),
  }),
  example: {
    id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    preferred_channel: "sms",
    notes: "Moved out of state.",
  },

  raisedWhen:
    "requires_authorization when they asked not to be contacted, and do_not_contact, an e-mail or a phone is taken away",
  undo: { level: "contact.update" },
  targets: ({ id }) => [id],

  escalate: async ({ db }, { id, ...said }) =>
    concernsReach(said) && reachesAgain(await findOrFail(db, Contact, id), said),

  async handler(context, { id, version, active, ...fields }) {
    const contact = await findOrFail(context.db, Contact, id);
    expectVersion("contact", contact, version);
    await update(context, Contact, contact, { ...fields, ...(active && { archived_at: null }) });
    return readRecord(context.db, contacts, id);
  },
});
