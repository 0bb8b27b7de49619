import { z } from "zod";
import { idOf } from "../core/ids.ts";
import { text } from "../core/fields.ts";

export const holidayId = idOf("holiday");

export const holidayFields = {
  date: z.iso.date().describe("Date, YYYY-MM-DD"),
  name: text(100).describe("Name, such as Thanksgiving"),
};
