import { z } from "zod";
import type { Crm } from "../crm/contract.ts";
import { availabilityInput } from "../domain/workflow/availability-input.ts";
import { READS } from "./crm-tools.ts";
import { defineTool } from "./tool.ts";

export const findAvailabilityTool = (crm: Crm) =>
  defineTool({
    name: "find_availability",
    title: "Find free times",
    description:
      "Lists times that can be booked, best first, with technician and why. Use it before you offer times; book with schedule_appointment. Nothing free: reasons, and the nearest others. Changes nothing. Tell the customer local.",
    answers: "data",
    hints: READS,
    input: availabilityInput,
    output: z.looseObject({
      date: z.string(),
      zone: z.string(),
      slots: z.array(z.looseObject({ window_start: z.string(), local: z.string() })),
    }),
    call: (actor, input, signal) => crm.findAvailability(actor, input, signal),
  });
