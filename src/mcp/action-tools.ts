import { z } from "zod";
import type { Crm } from "../crm/contract.ts";
import type { Action, ToolTexts } from "../domain/core/action.ts";
import type { Registry } from "../domain/core/registry.ts";
import { mutating } from "./crm-tools.ts";
import { defineTool } from "./tool.ts";
import { EXPLAINED_ONCE } from "./instructions.ts";

/** The arguments that a call has besides those of the action. */
const { idempotency_key, wait_seconds } = mutating;
const envelope = { idempotency_key, wait_seconds };

/** The job of `crm_action`, which describes it. */
const output = z.looseObject({
  job_id: z.string(),
  status: z.string(),
  message: z.string(),
  result: z.unknown().optional().describe("Untrusted texts"),
});

/** The actions that are tools of their own (`ActionDefinition.tool`). They do what crm_action does with their name. */
export const actionTools = (crm: Crm, { actions }: Registry) =>
  [...actions.values()].flatMap((action) => (action.tool ? [toolOf(crm, action, action.tool)] : []));

const toolOf = (crm: Crm, action: Action, { title, description }: ToolTexts) =>
  defineTool({
    name: action.name,
    title,
    description,
    answers: "job",
    hints: {
      destructiveHint: action.destructive ?? false,
      idempotentHint: false,
      openWorldHint: true,
    },
    // The CRM itself checks the action's arguments, once words for a time have been read.
    input: z.looseObject(envelope),
    published: published(action),
    output,
    explainedOnce: EXPLAINED_ONCE,
    call: (actor, { idempotency_key, wait_seconds, ...data }) =>
      crm.submit(actor, {
        domain: action.domain,
        action: action.name,
        data,
        ...(idempotency_key !== undefined && { idempotency_key }),
        wait_seconds,
      }),
  });

function published({ input, name }: Action): z.ZodType {
  if (input instanceof z.ZodObject) return z.strictObject({ ...input.shape, ...envelope });
  throw new Error(`${name} cannot be a tool: its input is no object`);
}
