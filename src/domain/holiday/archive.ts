import { z } from "zod";
import { Holiday } from "../../entities/holiday.ts";
import { defineAction } from "../core/action.ts";
import { findOrFail, update } from "../core/records.ts";
import { holidayId } from "./fields.ts";

export const archiveHoliday = defineAction({
  domain: "holiday",
  name: "archive",
  summary: "Remove a business holiday, so that visits can be booked on that day again.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject({ id: holidayId }),
  example: { id: "holiday_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const holiday = await findOrFail(context.db, Holiday, id);
    return holiday.archived_at ? holiday : update(context, holiday, { archived_at: context.now });
  },
});
