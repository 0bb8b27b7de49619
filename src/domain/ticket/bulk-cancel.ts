import { z } from "zod";
import { defineAction } from "../core/action.ts";
import { manyIds } from "../core/many.ts";
import { text } from "../core/text.ts";
import { cancelTicket } from "./cancel.ts";
import { ticketId } from "./fields.ts";

export const bulkCancelTickets = defineAction({
  domain: "ticket",
  name: "bulk_cancel",
  summary: "Call off several visits that have not begun, all or none. Give your reasoning.",
  permission: "soft_limit",
  input: z.strictObject({
    ids: manyIds(ticketId),
    reason: text(1_000).optional().describe("Kept on each visit"),
  }),
  example: { ids: ["ticket_01kb2m6x8efh5rt3zqk9w7ycd4"], reason: "Storm warning." },

  destructive: true,
  raisedWhen: "requires_authorization when there are more than 5",
  targets: ({ ids }) => ids,
  undo: { level: "ticket.schedule" },

  async handler({ call }, { ids, ...data }) {
    for (const id of ids) await call(cancelTicket, { id, ...data });
    return { ids, count: ids.length };
  },
});
