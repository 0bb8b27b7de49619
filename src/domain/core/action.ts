import type { EntityManager } from "typeorm";
import type { z } from "zod";
import type { SentChannel } from "../../entities/message.ts";
import type { Escalation, Level } from "./permission.ts";
import type { Principal } from "./principal.ts";
import type { Reversal } from "./reversal.ts";

/** Describes one action in its own file under domain/. REST, MCP, OpenAPI and the docs are generated from it. */
export interface ActionDefinition<Input extends z.ZodType, Result> {
  /** `contact` */
  domain: string;
  /** `delete`: together `contact.delete` */
  name: string;
  /** One sentence for a model, under 200 characters. */
  summary: string;
  /** Makes it a tool of its own as well, of the same name: an MCP tool and `POST /api/tools/{name}`. */
  tool?: ToolTexts;
  /** The declared level. The data can only raise it. */
  permission: Level;
  /**
   * `people`: not offered to agents. `system`: an internal step, offered to nobody. `customer`: done with the link in a
   * message, on the one record that the link is for.
   */
  audience?: "people" | "system" | "customer";
  /** A strict object: unknown keys are refused, never dropped. */
  input: Input;
  /** An input that fits the schema. */
  example: z.input<Input>;
  /** Deletes or cancels records: counted by the window and sent to MCP clients as a hint. */
  destructive?: boolean;
  /** Describes when the data raises the level. Shown as `raised_when`. */
  raisedWhen?: string;
  /** Ids of the records that the input names, without cascaded ones. */
  targets?(input: z.output<Input>): string[];
  /** Records that go with those that the input names. */
  alsoRemoves?(context: Context, input: z.output<Input>): Promise<TakenAlong[]>;
  /** The record that takes others in: rules for that record alone end. */
  mergesInto?(input: z.output<Input>): string;
  /** What a rule about it allows, for a person. Default: its name and noun (`cancel any visit`). */
  ruleWords?: RuleWords;
  /** Returns what this call is judged as in addition, where it performs other actions' transitions. */
  standsFor?(context: Context, input: z.output<Input>): Promise<StandsFor[]>;
  /** False: a person cannot change the data of a request that waits, only allow or deny it. */
  editable?: false;
  /** Makes its jobs undoable. An undo is judged by the rows that it writes (`Reversal`). */
  undo?: true;
  /** Returns why a person must agree first, with the facts behind it. Can only raise the level. */
  escalate?(context: Context, input: z.output<Input>): Promise<Escalation | false>;
  /** What came of it, where "Done." would say too much: `NOT SENT: …`. No personal data. Shown as the job's `message`. */
  outcome?(result: Result): string;
  /** Performs the action through `context.db`. The returned value is the job's result. */
  handler(context: Context, input: z.output<Input>): Promise<Result>;
}

/** What clients read of an action that is a tool. */
export interface ToolTexts {
  title: string;
  /** For a model that reads nothing else: when to use it, when not, what it answers, what next. */
  description: string;
}

/**
 * An action as the registry stores it. Its input type is erased (methods are bivariant): callers must pass what
 * `input.parse` returned.
 */
export type Action = ActionDefinition<z.ZodType, unknown>;

/** What a rule allows. Each continues "Office manager may". */
export interface RuleWords {
  /** `delete any customer, whatever their history` */
  any: string;
  /** With a limit such as `$4,500`: `delete any customer whose history was never worth more than $4,500` */
  upTo?(amount: string): string;
}

/** A call that another call is judged as. */
export interface StandsFor {
  action: Action;
  input: unknown;
  /** The records that it writes. */
  targets: readonly string[];
  /** Those of them that it takes away. */
  hits: readonly string[];
}

/** A record that goes with those that a call names. */
export interface TakenAlong {
  id: string;
  /**
   * The action that would take it away alone (`lead.archive`): the call is judged as that too, and counts it. Null where
   * the facts of the call's escalation name the record: the window counts it for later requests.
   */
  action: string | null;
}

export type { SentChannel };

/** What an action can access. */
export interface Context {
  /** The executing transaction. */
  db: EntityManager;
  /** The time of this run. Actions must not read any other clock. */
  now: Date;
  actor: Principal;
  jobId: string;
  /** Base of links in messages, such as `https://crm.example.com`. */
  publicUrl: string;
  /** Whether this channel is configured. Without it, messages stay in the outbox as `not_sent`. */
  canSend(channel: SentChannel): boolean;
  /** Every action by its key. */
  actions: ReadonlyMap<string, Action>;
  /** How an undo is judged, by table. */
  reversals: ReadonlyMap<string, Reversal>;
  /** Runs another action inside this one: parsed and judged the same way, in the same transaction. Await each call. */
  call<Input extends z.ZodType, Result>(
    action: ActionDefinition<Input, Result>,
    input: z.input<Input>,
  ): Promise<Result>;
}

/** Type-checks an action at its declaration. */
export function defineAction<Input extends z.ZodType, Result>(
  definition: ActionDefinition<Input, Result>,
): ActionDefinition<Input, Result> {
  return definition;
}

/** `contact.delete` */
export const actionKey = ({ domain, name }: { domain: string; name: string }): string => `${domain}.${name}`;
