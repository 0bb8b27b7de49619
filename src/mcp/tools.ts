import type { z } from "zod";
import { parse } from "../domain/core/input.ts";
import type { Crm } from "../domain/core/ports.ts";
import type { Principal } from "../domain/core/principal.ts";
import type { Registry } from "../domain/core/registry.ts";
import { actionTool, capabilitiesTool, jobStatusTool, queryTool, undoTool } from "./crm-tools.ts";
import { findCustomerTool } from "./find-customer.ts";
import { descriptionOf, type Tool, type ToolDescription, unknownTool } from "./tool.ts";

export interface Tools {
  /** Exactly what `tools/list` answers. */
  list(): ToolDescription[];
  /** The tool's data; throws a CrmError with words for the caller. */
  call(actor: Principal, name: string, input: unknown): Promise<object>;
}

/** Every tool over this CRM; the schemas are made once, here. */
export function makeTools(crm: Crm, registry: Registry): Tools {
  // Their own input types are forgotten (methods are bivariant): `call` hands over what `parse` returned.
  const tools: readonly Tool<z.ZodType>[] = [
    capabilitiesTool(crm, registry),
    queryTool(crm, registry),
    findCustomerTool(crm),
    actionTool(crm, registry),
    jobStatusTool(crm),
    undoTool(crm),
  ];
  const descriptions = tools.map(descriptionOf);
  return {
    list: () => descriptions,
    async call(actor, name, input) {
      const tool = tools.find((one) => one.name === name);
      if (!tool) throw unknownTool(name, descriptions);
      return tool.call(actor, parse(tool.input, input ?? {}));
    },
  };
}
