import { z } from "zod";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { lineItemId, lockLine } from "./line-items.ts";
import { tickets } from "./type.ts";

export const removeLineItem = defineAction({
  domain: "ticket",
  name: "remove_line_item",
  summary: "Take a line off a visit; its total follows.",
  permission: "unrestricted",
  input: z.strictObject({ line_item_id: lineItemId }),
  example: { line_item_id: "line_item_01kb2m6x8efh5rt3zqk9w7ycd4" },

  undo: { level: "ticket.add_line_item" },
  targets: ({ line_item_id }) => [line_item_id],

  async handler({ db }, { line_item_id }) {
    const { line, ticket } = await lockLine(db, line_item_id);
    await db.remove(line);
    return readRecord(db, tickets, ticket.id, ["line_items"]);
  },
});
