import { z } from "zod";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { lineItemId, lockLine } from "./line-items.ts";
import { tickets } from "./type.ts";

export const removeLineItem = defineAction({
  domain: "ticket",
  name: "remove_line_item",
  summary: "Remove a line from a visit and update its total.",
  permission: "unrestricted",
  input: z.strictObject({ line_item_id: lineItemId }),
  example: { line_item_id: "line_item_01kb2m6x8efh5rt3zqk9w7ycd4" },

  undo: true,
  targets: ({ line_item_id }) => [line_item_id],

  async handler(context, { line_item_id }) {
    const { db } = context;
    const { line, ticket } = await lockLine(db, line_item_id);
    await db.remove(line);
    return readRecord(context, tickets, { id: ticket.id, include: ["line_items"] });
  },
});
