import { z } from "zod";
import { text } from "../core/fields.ts";
import { idOf } from "../core/ids.ts";
import { local } from "../core/local-kinds.ts";
import { dateInput } from "../core/time.ts";
import { timeOfDayInput } from "../core/wish.ts";
import { durationMinutes, technicianId } from "../ticket/fields.ts";
import { lineInput } from "../ticket/line-item-input.ts";

export const planId = idOf("plan");

const exactTimeInput = local(
  timeOfDayInput.refine((time) => !time.includes("-"), "must be one time of day, such as 9:00"),
  { takes: "time" },
);

/** What a plan says of its visits. */
export const planFields = {
  rule: text(200).describe(
    "In words (every other Tuesday; first Monday of the month; on the 15th of every month; twice a year) or RFC 5545",
  ),
  time: exactTimeInput.describe("Local time of each visit: 9:00, 2pm"),
  services: z.array(text(200)).min(1).max(20).describe("Services by name or id, on each visit"),
  line_items: z.array(lineInput).max(50).describe("Lines with prices, on each visit; besides services"),
  duration_minutes: durationMinutes,
  technician_id: technicianId.nullable().describe("Goes where free; otherwise who fits"),
  address_id: idOf("address").nullable().describe("Where; one of the customer's own addresses"),
  notes: text(20_000).nullable().describe("For the technician, on each visit"),
  ends_on: dateInput.nullable().describe("Last day; null: no end"),
};

export const reason = text(1_000).optional().describe("Stored on the plan and on each cancelled visit");
