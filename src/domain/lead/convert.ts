import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { AttributeValue } from "../../entities/attribute.ts";
import { rows } from "../../entities/database.ts";
import { Lead } from "../../entities/lead.ts";
import { mustBeActive } from "../contact/active.ts";
import { definitionsOf } from "../attribute/definitions.ts";
import { mustFit, type Values } from "../attribute/values.ts";
import { createContact } from "../contact/create.ts";
import { defineAction } from "../core/action.ts";
import type { Context } from "../core/context.ts";
import { validationFailed } from "../core/errors.ts";
import { idOf } from "../core/ids.ts";
import { readRecord } from "../core/query.ts";
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
    "Make a qualified lead a customer: an existing one by customer_id, else a new one out of what the lead says.",
  permission: "unrestricted",
  input: z
    .strictObject({
      id: leadId,
      customer_id: idOf("contact").optional().describe("The customer it is, where there is one already"),
      contact: contactInput
        .optional()
        .describe("Of a new customer: what the lead does not say, attributes included, or says wrong"),
    })
    .refine(({ customer_id, contact }) => !(customer_id && contact), {
      path: ["contact"],
      error: "goes without customer_id; give one of the two",
    }),
  example: { id: "lead_01kb2m6x8efh5rt3zqk9w7ycd4", contact: { name: "Martha Miller" } },

  undo: { level: "soft_limit" },
  targets: ({ id, customer_id }) => (customer_id ? [id, customer_id] : [id]),

  async handler(context, { id, customer_id: named, contact }) {
    const { db, now } = context;
    const lead = await findOrFail(db, Lead, id);
    const status = leadStates.next(lead.status, "convert");
    const known = named ?? (contact ? null : lead.customer_id);
    const customer = known ? await mustBeActive(db, known) : await newCustomer(context, lead, contact);
    const customer_id = String(customer.id);
    await update(context, Lead, lead, { status, customer_id, converted_at: now, next_follow_up_at: null });
    return readRecord(db, leads, id, ["customer"]);
  },
});

/** Out of what the lead says; what the caller says stands above it. */
async function newCustomer({ db, call }: Context, lead: Lead, contact: ContactInput = {}) {
  const name = contact.name ?? lead.name;
  if (!name) {
    throw validationFailed(
      [{ path: "data.contact.name", message: "is needed: the lead has no name" }],
      "Give contact.name, or customer_id where they are a customer already.",
    );
  }
  const { phones, emails, source } = lead;
  const attributes = { ...(await takenOver(db, lead)), ...contact.attributes };
  const definitions = await definitionsOf(db, "contact");
  mustFit("contact", { definitions, kept: new Map(), at: "data.contact.attributes" }, attributes);
  return call(createContact, { phones, emails, source, ...contact, name, attributes });
}

/** What the lead says to attributes that customers have too: same key, same type, and a value that fits. */
async function takenOver(db: EntityManager, { id }: Lead): Promise<Values> {
  const said = await rows<{ key: string; value: AttributeValue["value"] }>(
    db,
    `SELECT theirs.key, said.value FROM attribute_value said JOIN attribute ours ON ours.id = said.attribute_id
     JOIN attribute theirs ON theirs.entity = 'contact' AND theirs.key = ours.key AND theirs.type = ours.type
     WHERE said.lead_id = $1 AND ours.archived_at IS NULL AND theirs.archived_at IS NULL
       AND (theirs.type <> 'select' OR said.value #>> '{}' = ANY(theirs.options))`,
    [id],
  );
  return Object.fromEntries(said.map(({ key, value }) => [key, value]));
}
