import { z } from "zod";
import { idOf } from "../core/ids.ts";
import { text } from "../core/text.ts";

export const holidayId = idOf("holiday");

export const holidayFields = {
  date: z.iso.date().describe("The day, YYYY-MM-DD"),
  name: text(100).describe("Thanksgiving"),
};
