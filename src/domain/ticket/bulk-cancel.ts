import { z } from "zod";
import { defineAction } from "../core/action.ts";
import { manyIds, text } from "../core/fields.ts";
import { cancelTicket } from "./cancel.ts";
import { ticketId } from "./fields.ts";

export const bulkCancelTickets = defineAction({
  domain: "ticket",
  name: "bulk_cancel",
  summary: "Cancel several visits that have not started, all or none. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({
    ids: manyIds(ticketId),
    reason: text(1_000).optional().describe("Stored on each visit"),
  }),
  example: { ids: ["ticket_01kb2m6x8efh5rt3zqk9w7ycd4"], reason: "Storm warning." },

  destructive: true,
  raisedWhen: "requires_authorization when there are more than 5",
  ruleWords: { any: "cancel several visits in one request" },
  targets: ({ ids }) => ids,
  undo: true,

  async handler({ call }, { ids, ...data }) {
    for (const id of ids) await call(cancelTicket, { id, ...data });
    return { ids, count: ids.length };
  },
});
