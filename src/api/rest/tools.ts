import { z } from "zod";
import type { Principal } from "../../domain/core/principal.ts";
import { defineRoute, type Route } from "../route.ts";
import { inline, named } from "../schema.ts";
import { Job } from "./answers.ts";
import { textParameter } from "./parameters.ts";

const anything = z.record(z.string(), z.unknown());

const tool = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  inputSchema: anything,
  outputSchema: anything,
  annotations: z.record(z.string(), z.boolean()),
});
/** A tool with its input and output as JSON Schema 2020-12 of an object. */
export type ToolDescription = z.output<typeof tool>;

export interface ToolCall {
  name: string;
  input: unknown;
  /** Aborts when the caller hangs up. */
  signal?: AbortSignal | undefined;
}

/** The MCP tools; `call` answers the tool's data or throws a CrmError. */
export interface ToolBox {
  list(): ToolDescription[];
  /** The whole schemas of a tool, beyond what models' providers take. */
  schemas(name: string): { input: Record<string, unknown>; output: Record<string, unknown> };
  call(actor: Principal, { name, input, signal }: ToolCall): Promise<unknown>;
}

/** The MCP tools over plain HTTP; the stdio server calls these. */
export function toolRoutes({ tools }: { tools: ToolBox }): Route[] {
  const Tool = named("Tool", tool);
  return [
    defineRoute({
      method: "get",
      path: "/api/tools",
      id: "list_tools",
      summary: "List the tools of the MCP endpoint",
      for: "agent",
      answer: inline<ToolDescription[]>({ type: "array", items: Tool.schema }, Tool.components),
      handler: () => tools.list(),
    }),
    ...tools.list().map((each) => toolRoute(tools, each)),
    defineRoute({
      method: "post",
      path: "/api/tools/:name",
      summary: "Call a tool by name",
      hidden: "Each tool has a path of its own; this one answers an unknown name with the nearest ones.",
      for: "agent",
      params: { name: textParameter },
      body: z.unknown(),
      answer: inline<unknown>({}),
      handler({ principal, params, body, signal, hold }) {
        hold();
        return tools.call(principal, { name: params.name, input: body, signal });
      },
    }),
  ];
}

function toolRoute(tools: ToolBox, { name, title, description }: ToolDescription): Route {
  const { input: asked, output } = tools.schemas(name);
  return defineRoute({
    method: "post",
    path: `/api/tools/${name}`,
    id: `tool_${name}`,
    summary: title,
    description,
    for: "agent",
    body: z.unknown(),
    openapi: () => ({ body: asked }),
    answer: isJob(output) ? Job : inline<unknown>(output),
    refusals: ["not_found", "ambiguous", "idempotency_conflict"],
    handler({ principal, request, body, signal, hold }) {
      hold();
      const input = isJob(output) ? withKey(body, request.get("Idempotency-Key")) : body;
      return tools.call(principal, { name, input, signal });
    },
  });
}

/** The header is another way to write the tool's field, as for every other change. */
const withKey = (body: unknown, idempotency_key: string | undefined): unknown =>
  idempotency_key !== undefined && typeof body === "object" && body !== null
    ? { idempotency_key, ...body }
    : body;

/** Tools describe a job in few words; over HTTP it has its whole schema. */
const isJob = ({ properties }: Record<string, unknown>): boolean =>
  typeof properties === "object" && properties !== null && "job_id" in properties;
