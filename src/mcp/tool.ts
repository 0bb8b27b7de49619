import { z } from "zod";
import { CrmError } from "../domain/core/errors.ts";
import type { Principal } from "../domain/core/principal.ts";
import { nearest } from "../domain/core/registry.ts";

/** JSON Schema 2020-12 of an object. */
export type ObjectSchema = { type: "object"; [keyword: string]: unknown };

export interface ToolDescription {
  name: string;
  title: string;
  /** For a model that reads nothing else: when to use it, when not, what next. */
  description: string;
  inputSchema: ObjectSchema;
  outputSchema: ObjectSchema;
  /** A tool that is not read-only answers with a job. */
  annotations: Record<"readOnlyHint" | "destructiveHint" | "idempotentHint" | "openWorldHint", boolean>;
}

export interface Tool<Input extends z.ZodType> extends Omit<ToolDescription, "inputSchema" | "outputSchema"> {
  /** Strict: a misspelled argument is refused, never dropped. */
  input: Input;
  /** Loose: records vary. */
  output: z.ZodObject;
  call(actor: Principal, input: z.output<Input>): Promise<object>;
}

/** Checks a tool's shape where it is written. */
export const defineTool = <Input extends z.ZodType>(tool: Tool<Input>): Tool<Input> => tool;

/** A tool as the outside sees it. */
export const descriptionOf = ({ name, title, description, input, output, annotations }: Tool<z.ZodType>) => ({
  name,
  title,
  description,
  inputSchema: schemaOf(input, "input"),
  outputSchema: schemaOf(output, "output"),
  annotations,
});

/** Without `$schema`: where none is named, the protocol means 2020-12. */
function schemaOf(type: z.ZodType, io: "input" | "output"): ObjectSchema {
  const keywords = Object.entries(z.toJSONSchema(type, { io })).filter(([keyword]) => keyword !== "$schema");
  return { ...Object.fromEntries(keywords), type: "object" };
}

export function unknownTool(name: string, known: readonly ToolDescription[]): CrmError {
  const near = nearest(
    name,
    known.map((tool) => tool.name),
  );
  return new CrmError("not_found", `There is no tool ${name.slice(0, 80)}.`, {
    hint: `Did you mean ${near.join(" or ")}? The list of tools has every name.`,
    extra: { nearest: near },
  });
}
