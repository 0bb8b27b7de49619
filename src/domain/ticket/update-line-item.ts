import { z } from "zod";
import { defineAction } from "../core/action.ts";
import { validationFailed } from "../core/errors.ts";
import { lineTotal } from "../core/money.ts";
import { readRecord } from "../query/read-record.ts";
import { expectVersion, update } from "../core/records.ts";
import { changesSome, versionInput } from "../core/fields.ts";
import { discountProblem, lineChanges, lineItemId, lockLine } from "./line-items.ts";
import { tickets } from "./type.ts";

export const updateLineItem = defineAction({
  domain: "ticket",
  name: "update_line_item",
  summary: "Change a line of a visit and update its total. Fields you leave out stay.",
  permission: "unrestricted",
  input: z
    .strictObject(lineChanges)
    .partial()
    .extend({ line_item_id: lineItemId, version: versionInput })
    .refine(...changesSome(lineChanges)),
  example: { line_item_id: "line_item_01kb2m6x8efh5rt3zqk9w7ycd4", quantity: 14 },

  undo: true,
  targets: ({ line_item_id }) => [line_item_id],

  async handler(context, { line_item_id, version, ...changes }) {
    const { line, ticket } = await lockLine(context.db, line_item_id);
    expectVersion("line_item", line, version);
    const priced = { ...line, ...changes };
    const message = discountProblem(priced);
    if (message) throw validationFailed([{ path: "data.discount_cents", message }]);
    const { total_cents } = lineTotal(priced);
    await update(context, line, { ...changes, total_cents });
    return readRecord(context, tickets, { id: ticket.id, include: ["line_items"] });
  },
});
