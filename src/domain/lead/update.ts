import { Lead } from "../../entities/lead.ts";
import { mustBeActive } from "../contact/active.ts";
import { defineAction } from "../core/action.ts";
import { invalidState } from "../core/errors.ts";
import { readRecord } from "../core/query.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { updateInput } from "../core/update-input.ts";
import { leadFields, leadId } from "./fields.ts";
import { leadStates } from "./states.ts";
import { leads } from "./type.ts";

export const updateLead = defineAction({
  domain: "lead",
  name: "update",
  summary: "Change what is known of a lead. Lists are replaced, null clears; its raw notes stay as they are.",
  permission: "unrestricted",
  input: updateInput(leadId, leadFields),
  example: { id: "lead_01kb2m6x8efh5rt3zqk9w7ycd4", urgency: "high" },

  undo: { level: "lead.update" },
  targets: ({ id }) => [id],

  async handler(context, { id, version, ...fields }) {
    const { db } = context;
    const lead = await findOrFail(db, Lead, id);
    expectVersion("lead", lead, version);
    const moves = fields.customer_id !== undefined && fields.customer_id !== lead.customer_id;
    if (moves && lead.status === "converted") {
      const allowed = leadStates.allowedFrom(lead.status);
      throw invalidState("lead", lead.status, "belong to another customer", allowed);
    }
    if (fields.customer_id) await mustBeActive(db, fields.customer_id);
    await update(context, Lead, lead, fields);
    return readRecord(db, leads, id);
  },
});
