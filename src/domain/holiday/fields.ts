import { idOf } from "../core/ids.ts";
import { text } from "../core/fields.ts";
import { plannedDateInput } from "../core/time.ts";

export const holidayId = idOf("holiday");

export const holidayFields = {
  date: plannedDateInput.describe("Its day"),
  name: text(100).describe("Name, such as Thanksgiving"),
};
