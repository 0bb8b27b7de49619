import { z } from "zod";
import type { WorkingHours } from "../../entities/technician.ts";

export const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a local time such as 08:00");

const span = z
  .tuple([timeOfDay, timeOfDay])
  .refine(([from, to]) => from < to, 'must start before it ends, as in ["08:00", "17:00"]');

const spans = z
  .array(span)
  .min(1)
  .max(6)
  .refine(
    (list) => list.every(([from], nth) => nth === 0 || (list[nth - 1]?.[1] ?? "") <= from),
    'must be in time order and must not overlap, as in [["08:00", "12:00"], ["13:00", "17:00"]]',
  );

const day = z
  .union([span, spans], { error: 'must be ["08:00", "17:00"], a list of such spans, or null' })
  .nullable();

export const workingHoursInput = z
  .strictObject({
    monday: day,
    tuesday: day,
    wednesday: day,
    thursday: day,
    friday: day,
    saturday: day,
    sunday: day,
  })
  .describe(
    'Local times per weekday, as ["08:00", "17:00"], or with a break [["08:00", "12:00"], ["13:00", "17:00"]]; null on days off',
  );

/** Monday to Friday, 8 to 17. */
export const DEFAULT_HOURS: WorkingHours = {
  monday: ["08:00", "17:00"],
  tuesday: ["08:00", "17:00"],
  wednesday: ["08:00", "17:00"],
  thursday: ["08:00", "17:00"],
  friday: ["08:00", "17:00"],
  saturday: null,
  sunday: null,
};
