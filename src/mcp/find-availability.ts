import { z } from "zod";
import type { Crm } from "../crm/contract.ts";
import { availabilityInput } from "../domain/workflow/availability-input.ts";
import { READS } from "./crm-tools.ts";
import { EXPLAINED_ONCE } from "./instructions.ts";
import { defineTool } from "./tool.ts";

export const findAvailabilityTool = (crm: Crm) =>
  defineTool({
    name: "find_availability",
    title: "Find free times",
    description:
      "Lists times that can be booked, best first, with technician and why; if none, reasons and the nearest others. Use it before you offer times; tell the customer local. Book with schedule_appointment.",
    answers: "data",
    hints: READS,
    input: availabilityInput,
    explainedOnce: [...EXPLAINED_ONCE, "customer_identifier"],
    output: z.looseObject({ slots: z.array(z.looseObject({})) }),
    call: (actor, input, signal) => crm.findAvailability(actor, input, signal),
  });
