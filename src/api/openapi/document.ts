import { ErrorAnswer } from "../rest/answers.ts";
import type { Route } from "../route.ts";
import { type JsonSchema, ref } from "../schema.ts";
import { SESSION_COOKIE } from "../security/cookies.ts";
import { operationOf, refusalResponses, templateOf } from "./operation.ts";

const DESCRIPTION = `Programs send \`Authorization: Bearer cs_…\`. People sign in at \`/login\`; their requests that change something also send \`csrf_token\` of \`GET /api/session\` as \`X-CSRF-Token\`.

Every answer is \`{"success": true, "data": …}\` or \`{"success": false, "error": …}\`. A change is a job: \`POST /api/actions\` returns it, \`GET /api/jobs/{id}\` follows it. Models connect to \`/mcp\`.`;

/** Every route that is not hidden, in OpenAPI 3.1. */
export function documentOf(all: readonly Route[]): JsonSchema {
  const routes = all.filter(({ hidden }) => hidden === undefined);
  const paths: Record<string, JsonSchema> = {};
  for (const route of routes) (paths[templateOf(route)] ??= {})[route.method] = operationOf(route);
  return {
    openapi: "3.1.0",
    info: { title: "Countersign", version: "1.0", description: DESCRIPTION },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: schemasOf(routes),
      responses: refusalResponses(),
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An agent's token, `cs_…`" },
        session: { type: "apiKey", in: "cookie", name: SESSION_COOKIE, description: "From `/login`" },
        csrf: { type: "apiKey", in: "header", name: "X-CSRF-Token", description: "From `GET /api/session`" },
      },
    },
  };
}

/** The schemas that the routes name, and the error that any of them may answer. */
function schemasOf(routes: readonly Route[]): JsonSchema {
  const components = routes.flatMap(({ answer, openapi }) => [
    ...Object.entries(typeof answer === "object" ? answer.components : {}),
    ...Object.entries(openapi?.().components ?? {}),
  ]);
  const schemas = Object.fromEntries([...Object.entries(ErrorAnswer.components), ...components]);
  return {
    ...Object.fromEntries(Object.entries(schemas).map(([name, make]) => [name, make()])),
    Refusal: {
      type: "object",
      properties: { success: { const: false }, error: ref("Error") },
      required: ["success", "error"],
    },
  };
}
