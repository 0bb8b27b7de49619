import { Lead } from "../../entities/lead.ts";
import { findActiveContact } from "../contact/find-active.ts";
import { defineAction } from "../core/action.ts";
import { invalidState } from "../core/errors.ts";
import { readRecord } from "../query/read-record.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { updateInput } from "../core/fields.ts";
import { leadFields, leadId } from "./fields.ts";
import { leadStates } from "./states.ts";
import { leads } from "./type.ts";

export const updateLead = defineAction({
  domain: "lead",
  name: "update",
  summary: "Update a lead. Lists are replaced, null clears; raw_notes cannot be changed.",
  permission: "unrestricted",
  input: updateInput(leadId, leadFields),
  example: { id: "lead_01kb2m6x8efh5rt3zqk9w7ycd4", urgency: "high" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, version, ...fields }) {
    const { db } = context;
    const lead = await findOrFail(db, Lead, id);
    expectVersion("lead", lead, version);
    const changesCustomer = fields.customer_id !== undefined && fields.customer_id !== lead.customer_id;
    if (changesCustomer && lead.status === "converted") {
      const allowed = leadStates.allowedFrom(lead.status);
      throw invalidState("lead", "change its customer", { state: lead.status, allowed });
    }
    if (fields.customer_id) await findActiveContact(db, fields.customer_id);
    await update(context, lead, fields);
    return readRecord(context, leads, { id });
  },
});
