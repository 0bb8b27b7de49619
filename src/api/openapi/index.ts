import type { Registry } from "../../domain/core/registry.ts";
import { SESSION_COOKIE } from "../sessions.ts";
import type { ToolDescription } from "../tools.ts";
import { actionCalls, actionSchemas } from "./actions.ts";
import { answerSchemas } from "./answers.ts";
import { type Calls, type JsonSchema, operationOf, refusalResponses } from "./call.ts";
import { recordCalls, recordSchemas } from "./records.ts";
import { resourceCalls } from "./resources.ts";
import { toolCalls } from "./tools.ts";

const DESCRIPTION = `Programs send \`Authorization: Bearer cs_…\`. People sign in at \`/login\`; what changes something then also brings \`csrf_token\` of \`GET /api/session\` as \`X-CSRF-Token\`.

Every answer is \`{"success": true, "data": …}\` or \`{"success": false, "error": …}\`. A change is a job: \`POST /api/actions\` answers it, \`GET /api/jobs/{id}\` follows it. Models connect to \`/mcp\`.`;

/** All of HTTP that programs may use, in OpenAPI 3.1: made from the registry and the tools. */
export function openApi(registry: Registry, tools: readonly ToolDescription[]): JsonSchema {
  const calls: Calls = {
    ...actionCalls(registry),
    ...resourceCalls,
    ...recordCalls(registry),
    ...toolCalls(tools),
  };
  return {
    openapi: "3.1.0",
    info: { title: "Countersign", version: "1.0", description: DESCRIPTION },
    servers: [{ url: "/" }],
    paths: Object.fromEntries(
      Object.entries(calls).map(([path, methods]) => [
        path,
        Object.fromEntries(
          Object.entries(methods).map(([method, call]) => [method, operationOf(method, call)]),
        ),
      ]),
    ),
    components: {
      schemas: { ...answerSchemas(), ...actionSchemas(registry), ...recordSchemas(registry) },
      responses: refusalResponses(),
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An agent's token, `cs_…`" },
        session: { type: "apiKey", in: "cookie", name: SESSION_COOKIE, description: "From `/login`" },
        csrf: { type: "apiKey", in: "header", name: "X-CSRF-Token", description: "Of `GET /api/session`" },
      },
    },
  };
}
