import type { z } from "zod";
import { parseEnvelope } from "../domain/core/input.ts";
import type { Crm } from "../crm/contract.ts";
import type { Principal } from "../domain/core/principal.ts";
import type { Registry } from "../domain/core/registry.ts";
import { actionTools } from "./action-tools.ts";
import { actionTool, capabilitiesTool, jobStatusTool, queryTool, undoTool } from "./crm-tools.ts";
import { findAvailabilityTool } from "./find-availability.ts";
import { findCustomerTool } from "./find-customer.ts";
import {
  type Answers,
  descriptionOf,
  findTool,
  type Tool,
  type ToolDescription,
  wholeSchemasOf,
} from "./tool.ts";

export interface Tools {
  /** The answer of `tools/list`. */
  list(): ToolDescription[];
  /** The whole JSON Schemas of a tool; those of `list` say only what every model's provider takes. */
  schemas(name: string): { input: Record<string, unknown>; output: Record<string, unknown> };
  /** Throws `not_found` with the nearest names. */
  find(name: string): FoundTool;
  /** Throws a CrmError whose texts are written for the caller. */
  call(actor: Principal, { name, input, signal }: ToolCall): Promise<object>;
}

export interface ToolCall {
  name: string;
  input: unknown;
  signal?: AbortSignal | undefined;
}

export interface FoundTool {
  answers: Answers;
  call(actor: Principal, input: unknown, signal?: AbortSignal): Promise<object>;
}

/** All tools of this CRM. Their JSON Schemas are built once. */
export function makeTools(crm: Crm, registry: Registry): Tools {
  // Erases the input types, which TypeScript allows for methods: `call` passes on what `parse` returned.
  const tools: readonly Tool<z.ZodType>[] = [
    capabilitiesTool(crm, registry),
    queryTool(crm, registry),
    findCustomerTool(crm),
    findAvailabilityTool(crm),
    actionTool(crm, registry),
    jobStatusTool(crm),
    undoTool(crm),
    ...actionTools(crm, registry),
  ];
  const descriptions = tools.map(descriptionOf);
  const find = (name: string): FoundTool => {
    const tool = findTool(tools, name);
    return {
      answers: tool.answers,
      call: async (actor, input, signal) =>
        tool.call(actor, parseEnvelope(tool.input, withoutNulls(input ?? {})), signal),
    };
  };
  return {
    list: () => descriptions,
    schemas: (name) => wholeSchemasOf(findTool(tools, name)),
    find,
    call: async (actor, { name, input, signal }) => find(name).call(actor, input, signal),
  };
}

/** Models send null for an argument that they leave out. Inside `data`, null clears a field and stays. */
const withoutNulls = (input: unknown): unknown =>
  typeof input === "object" && input !== null && !Array.isArray(input)
    ? Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null))
    : input;
