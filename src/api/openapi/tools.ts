import type { ToolDescription } from "../tools.ts";
import { type Calls, ref } from "./call.ts";

/** A path for each tool: what it takes and answers is known by its name. */
export const toolCalls = (tools: readonly ToolDescription[]): Calls => ({
  "/api/tools": {
    get: {
      id: "list_tools",
      tag: "Tools",
      summary: "The tools of the MCP endpoint",
      data: { type: "array", items: ref("Tool") },
    },
  },
  ...Object.fromEntries(
    tools.map(({ name, title, description, inputSchema, outputSchema }) => [
      `/api/tools/${name}`,
      {
        post: {
          id: `tool_${name}`,
          tag: "Tools",
          summary: title,
          description,
          body: { schema: inputSchema },
          data: outputSchema,
          refusals: ["not_found", "ambiguous", "idempotency_conflict"],
        },
      },
    ]),
  ),
});
