import { z } from "zod";
import { ATTRIBUTE_ENTITIES } from "../../entities/attribute.ts";
import { Contact } from "../../entities/contact.ts";
import { Lead } from "../../entities/lead.ts";
import { Service } from "../../entities/service.ts";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { idOf } from "../core/ids.ts";
import { findOrFail } from "../core/records.ts";
import { definitionsOf } from "./definitions.ts";
import { attributeValues, entityOf, valuesOf, writeValues } from "./values.ts";

const OWNERS = { contact: Contact, ticket: Ticket, lead: Lead, service: Service };

export const setAttributes = defineAction({
  domain: "attribute",
  name: "set",
  summary:
    "Fill in fields of your own on a contact, ticket, lead or service. Only the keys you give change; null clears.",
  permission: "unrestricted",
  input: z.strictObject({
    id: z
      .union(ATTRIBUTE_ENTITIES.map(idOf), {
        error: `must be the id of a ${ATTRIBUTE_ENTITIES.join(", ")}`,
      })
      .describe("Id of the record: contact_…, ticket_…, lead_…, service_…"),
    values: attributeValues
      .refine((values) => Object.keys(values).length > 0, "names nothing to set; give at least one key")
      .describe("By key, such as {window_count: 25}; crm_query with type attributes lists the keys"),
  }),
  example: { id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4", values: { window_count: 25 } },

  undo: { level: "attribute.set" },
  targets: ({ id }) => [id],

  async handler(context, { id, values }) {
    const { db } = context;
    const entity = entityOf(id);
    await findOrFail(db, OWNERS[entity], id);
    const definitions = await definitionsOf(db, entity);
    const kept = await valuesOf(db, id);
    await writeValues(context, { id, definitions, kept, at: "data.values" }, values);
    const said = await valuesOf(db, id);
    const attributes = Object.fromEntries(
      definitions.flatMap(({ id, key }) => (said.has(id) ? [[key, said.get(id)?.value]] : [])),
    );
    return { id, attributes };
  },
});
