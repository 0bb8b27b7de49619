import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { AttributeValue } from "../../entities/attribute-value.ts";
import { rows } from "../../database/sql.ts";
import { Lead } from "../../entities/lead.ts";
import { findActiveContact } from "../contact/find-active.ts";
import { readDefinitions } from "../attribute/definitions.ts";
import { checkValues, type Values } from "../attribute/values.ts";
import { contacts } from "../contact/type.ts";
import { createContact } from "../contact/create.ts";
import { defineAction } from "../core/action.ts";
import type { Context } from "../core/action.ts";
import { validationFailed } from "../core/errors.ts";
import { idOf } from "../core/ids.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { leadId } from "./fields.ts";
import { leadStates } from "./states.ts";
import { leads } from "./type.ts";

const contactInput = createContact.input.partial();
type ContactInput = z.output<typeof contactInput>;

export const convertLead = defineAction({
  domain: "lead",
  name: "convert",
  summary:
    "Convert a qualified lead into a customer: the existing one in customer_id, or a new one with the lead's data.",
  permission: "unrestricted",
  input: z
    .strictObject({
      id: leadId,
      customer_id: idOf("contact").optional().describe("Existing customer, if there is one"),
      contact: contactInput
        .optional()
        .describe("For a new customer: fields and attributes that the lead lacks or has wrong"),
    })
    .refine(({ customer_id, contact }) => !(customer_id && contact), {
      path: ["contact"],
      error: "cannot be combined with customer_id; give one of the two",
    }),
  example: { id: "lead_01kb2m6x8efh5rt3zqk9w7ycd4", contact: { name: "Martha Miller" } },

  undo: true,
  targets: ({ id, customer_id }) => (customer_id ? [id, customer_id] : [id]),

  async handler(context, { id, customer_id: named, contact }) {
    const { db, now } = context;
    const lead = await findOrFail(db, Lead, id);
    const status = leadStates.next(lead.status, "convert");
    const existing = named ?? (contact ? null : lead.customer_id);
    const customer = existing
      ? await findActiveContact(db, existing)
      : await createCustomer(context, lead, contact);
    const customer_id = String(customer.id);
    await update(context, lead, { status, customer_id, converted_at: now, next_follow_up_at: null });
    return {
      ...(await readRecord(context, leads, { id })),
      customer: await readRecord(context, contacts, { id: customer_id }),
    };
  },
});

/** Creates the customer with the lead's data; fields of `contact` override it. */
async function createCustomer({ db, call }: Context, lead: Lead, contact: ContactInput = {}) {
  const name = contact.name ?? lead.name;
  if (!name) {
    throw validationFailed(
      [{ path: "data.contact.name", message: "is required: the lead has no name" }],
      "Give contact.name, or customer_id if they are a customer already.",
    );
  }
  const { phones, emails, source } = lead;
  const attributes = { ...(await sharedAttributes(db, lead)), ...contact.attributes };
  const definitions = await readDefinitions(db, "contact");
  checkValues("contact", { definitions, existing: new Map(), path: "data.contact.attributes" }, attributes);
  return call(createContact, { phones, emails, source, ...contact, name, attributes });
}

/** The lead's values for attributes that contacts have too: same key, same type, and a valid value. */
async function sharedAttributes(db: EntityManager, { id }: Lead): Promise<Values> {
  const values = await rows<{ key: string; value: AttributeValue["value"] }>(
    db,
    `SELECT theirs.key, said.value FROM attribute_value said JOIN attribute ours ON ours.id = said.attribute_id
     JOIN attribute theirs ON theirs.entity = 'contact' AND theirs.key = ours.key AND theirs.type = ours.type
     WHERE said.lead_id = $1 AND ours.archived_at IS NULL AND theirs.archived_at IS NULL
       AND (theirs.type <> 'select' OR said.value #>> '{}' = ANY(theirs.options))`,
    [id],
  );
  return Object.fromEntries(values.map(({ key, value }) => [key, value]));
}
