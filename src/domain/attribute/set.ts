import { z } from "zod";
import { ATTRIBUTE_ENTITIES } from "../../entities/attribute.ts";
import { Contact } from "../../entities/contact.ts";
import { Lead } from "../../entities/lead.ts";
import { Service } from "../../entities/service.ts";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { local } from "../core/local-kinds.ts";
import { idOf } from "../core/ids.ts";
import { findOrFail } from "../core/records.ts";
import { readDefinitions } from "./definitions.ts";
import { attributeValues, entityOf, readValues, writeValues } from "./values.ts";

const OWNERS = { contact: Contact, ticket: Ticket, lead: Lead, service: Service };

export const setAttributes = defineAction({
  domain: "attribute",
  name: "set",
  summary: "Set custom fields on a contact, ticket, lead or service. Keys you leave out stay, null clears.",
  permission: "unrestricted",
  input: z.strictObject({
    id: z
      .union(ATTRIBUTE_ENTITIES.map(idOf), {
        error: `must be the id of a ${ATTRIBUTE_ENTITIES.join(", ")}`,
      })
      .describe("Id of the record: contact_…, ticket_…, lead_…, service_…"),
    values: local(
      attributeValues.refine((values) => Object.keys(values).length > 0, "is empty; give at least one key"),
      { takes: "values by key" },
    ).describe("Values by key, {window_count: 25}; crm_query with type attributes lists the keys"),
  }),
  example: { id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4", values: { window_count: 25 } },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, values }) {
    const { db } = context;
    const entity = entityOf(id);
    await findOrFail(db, OWNERS[entity], id);
    const definitions = await readDefinitions(db, entity);
    const existing = await readValues(db, id);
    await writeValues(context, { id, definitions, existing, path: "data.values" }, values);
    const stored = await readValues(db, id);
    const attributes = Object.fromEntries(
      definitions.flatMap(({ id, key }) => (stored.has(id) ? [[key, stored.get(id)?.value]] : [])),
    );
    return { id, attributes };
  },
});
