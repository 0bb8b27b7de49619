import { z } from "zod";
import { CrmError } from "../domain/core/errors.ts";
import type { Principal } from "../domain/core/principal.ts";
import { nearest } from "../domain/core/registry.ts";
import { portable } from "./portable.ts";

/** JSON Schema 2020-12 of an object. */
export type ObjectSchema = { type: "object"; [keyword: string]: unknown };

export interface ToolDescription {
  name: string;
  title: string;
  /** For a model that reads nothing else: when to use it, when not, what next. */
  description: string;
  inputSchema: ObjectSchema;
  outputSchema: ObjectSchema;
  annotations: { readOnlyHint: boolean } & Hints;
}

type Hints = Record<"destructiveHint" | "idempotentHint" | "openWorldHint", boolean>;

/** What a tool returns: "job", which may have failed, from a tool with side effects; otherwise "data". */
export type Answers = "job" | "data";

/** What a tool returns, derived from its description for clients of a remote API. */
export const answersOf = ({ annotations }: ToolDescription): Answers =>
  annotations.readOnlyHint ? "data" : "job";

export interface Tool<Input extends z.ZodType> {
  name: string;
  title: string;
  description: string;
  answers: Answers;
  /** The protocol's hints; readOnlyHint follows from `answers`. */
  hints: Hints;
  /** Strict: a misspelled argument is an error and is not dropped silently. */
  input: Input;
  /** The schema that clients see. Default: `input`. */
  published?: z.ZodType;
  /** Shared arguments without a description in `tools/list`: the server's instructions explain them once. */
  explainedOnce?: readonly string[];
  /** Loose: records vary. */
  output: z.ZodObject;
  /** `signal` aborts when the client cancels the call or hangs up. */
  call(actor: Principal, input: z.output<Input>, signal?: AbortSignal): Promise<object>;
}

/** Type-checks a tool at its definition. */
export const defineTool = <Input extends z.ZodType>(tool: Tool<Input>): Tool<Input> => tool;

/** A tool as clients see it. */
export const descriptionOf = (tool: Tool<z.ZodType>): ToolDescription => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: withoutDescriptions(schemaOf(tool.published ?? tool.input, "input"), tool.explainedOnce),
  outputSchema: schemaOf(tool.output, "output"),
  annotations: { readOnlyHint: tool.answers === "data", ...tool.hints },
});

const schemaOf = (type: z.ZodType, io: "input" | "output"): ObjectSchema => ({
  ...portable(z.toJSONSchema(type, { io })),
  type: "object",
});

const withoutDescriptions = (schema: ObjectSchema, names: readonly string[] = []): ObjectSchema => {
  const properties = Object.entries(schema["properties"] as Record<string, Record<string, unknown>>).map(
    ([name, { description, ...rest }]) => [name, names.includes(name) ? rest : { description, ...rest }],
  );
  return { ...schema, properties: Object.fromEntries(properties) as object };
};

/** The whole schemas of a tool, for OpenAPI: over HTTP, answers have nulls. */
export const wholeSchemasOf = ({ input, published = input, output }: Tool<z.ZodType>) => ({
  input: z.toJSONSchema(published, { io: "input" }) as Record<string, unknown>,
  output: z.toJSONSchema(output, { io: "output" }) as Record<string, unknown>,
});

/** The tool of this name, or a CrmError that suggests the nearest names. */
export function findTool<Found extends { name: string }>(tools: readonly Found[], name: string): Found {
  const tool = tools.find((each) => each.name === name);
  if (!tool) throw unknownTool(name, tools);
  return tool;
}

function unknownTool(name: string, known: readonly { name: string }[]): CrmError {
  const near = nearest(
    name,
    known.map((tool) => tool.name),
  );
  return new CrmError("not_found", `There is no tool ${name.slice(0, 80)}.`, {
    hint: `Did you mean ${near.join(" or ")}? The list of tools has every name.`,
    extra: { nearest: near },
  });
}
