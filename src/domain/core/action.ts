import type { z } from "zod";
import type { Context } from "./context.ts";
import type { Escalation, Level } from "./permission.ts";

/** What one file under domain/ says of one action; everything else is generated from it. */
export interface ActionDefinition<Input extends z.ZodType, Result> {
  /** `contact` */
  domain: string;
  /** `delete`: together `contact.delete` */
  name: string;
  /** One sentence for a model, under 200 characters. */
  summary: string;
  /** The declared level: what the data says can only raise it. */
  permission: Level;
  /** `people`: not offered to agents. `system`: a step of our own machinery, offered to nobody. */
  audience?: "people" | "system";
  /** A strict object: unknown keys are refused, never dropped. */
  input: Input;
  /** An input that fits the schema. */
  example: z.input<Input>;
  /** Takes something away: counted by the window, hinted to clients. */
  destructive?: boolean;
  /** In words, when the data raises the level; shown as `raised_when`. */
  raisedWhen?: string;
  /** Ids of the records named in the input (not what cascades). */
  targets?(input: z.output<Input>): string[];
  /** Judged as another action, whose transition it performs. */
  standsFor?(context: Context, input: z.output<Input>): Promise<StandsFor>;
  /** How its jobs can be taken back: judged as the action `level` names (`contact.create`), or at that plain level. */
  undo?: { level: string };
  /** Why a person must agree first, and the facts that reason rests on; can only raise the level. */
  escalate?(context: Context, input: z.output<Input>): Promise<Escalation | false>;
  /** Does it, through `context.db`; the value is the job's result. */
  handler(context: Context, input: z.output<Input>): Promise<Result>;
}

/**
 * An action as the registry holds it. Its own input type is forgotten (methods are bivariant): whoever calls it hands
 * over what `input.parse` returned and nothing else.
 */
export type Action = ActionDefinition<z.ZodType, unknown>;

/** The call that another one is judged as, and the records it names. */
export interface StandsFor {
  action: Action;
  input: unknown;
  targets: string[];
}

/** Checks an action's shape where it is written. */
export function defineAction<Input extends z.ZodType, Result>(
  definition: ActionDefinition<Input, Result>,
): ActionDefinition<Input, Result> {
  return definition;
}

/** `contact.delete` */
export const actionKey = ({ domain, name }: { domain: string; name: string }): string => `${domain}.${name}`;
