import type { Registry } from "../../domain/core/registry.ts";
import { type RestParts, restRoutes } from "../rest/index.ts";
import type { ToolBox } from "../rest/tools.ts";
import type { JsonSchema } from "../schema.ts";
import { documentOf } from "./document.ts";

/** The document of the API over this registry and these tools, without a running app. */
export function openApi(registry: Registry, tools: Pick<ToolBox, "list" | "schemas">): JsonSchema {
  const notCalled = () => Promise.reject(new Error("the document calls no tool"));
  const parts: Pick<RestParts, "registry" | "tools"> = {
    registry,
    tools: { ...tools, call: notCalled },
  };
  // The document reads what routes say of themselves; only their handlers, which nobody calls, use the other parts.
  return documentOf(restRoutes(parts as RestParts));
}
