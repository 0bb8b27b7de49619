import { Holiday } from "../../entities/holiday.ts";
import { defineAction } from "../core/action.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { updateInput } from "../core/fields.ts";
import { holidayFields, holidayId } from "./fields.ts";

export const updateHoliday = defineAction({
  domain: "holiday",
  name: "update",
  summary: "Change the date or name of a business holiday.",
  permission: "unrestricted",
  audience: "people",
  input: updateInput(holidayId, holidayFields),
  example: { id: "holiday_01kb2m6x8efh5rt3zqk9w7ycd4", date: "2026-11-27" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, version, ...fields }) {
    const holiday = await findOrFail(context.db, Holiday, id);
    expectVersion("holiday", holiday, version);
    return update(context, holiday, fields);
  },
});
