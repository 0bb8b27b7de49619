import { z } from "zod";
import type { ErrorCode } from "../../domain/core/errors.ts";
import { STATUS } from "../errors.ts";
import type { Route } from "../route.ts";
import { type JsonSchema, ref, schemaOf } from "../schema.ts";

/** A route as an OpenAPI operation. */
export function operationOf(route: Route): JsonSchema {
  const { summary, description, params = {}, headers } = route;
  const { query = route.query } = route.openapi?.() ?? {};
  const path = z.object(
    Object.fromEntries(Object.entries(params).map(([name, { schema }]) => [name, schema])),
  );
  const parameters = [
    ...parametersIn("path", path),
    ...parametersIn("query", query),
    ...parametersIn("header", headers),
  ];
  return {
    operationId: operationId(route),
    tags: [route.tag ?? tagOf(route)],
    summary,
    ...(description !== undefined && { description }),
    security: securityOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...requestBodyOf(route),
    responses: { ...answersOf(route), ...refusalsOf(route) },
  };
}

/** `/api/jobs/:id` → `/api/jobs/{id}` */
export const templateOf = ({ path }: Route): string => path.replaceAll(/:(\w+)/g, "{$1}");

const wordsOf = ({ path }: Route): string[] =>
  path.split("/").filter((part) => part !== "" && part !== "api" && !part.startsWith(":"));

const operationId = (route: Route): string => route.id ?? [route.method, ...wordsOf(route)].join("_");

/** `/api/jobs/:id` → `Jobs` */
function tagOf(route: Route): string {
  const [first = "Other"] = wordsOf(route);
  return first.charAt(0).toUpperCase() + first.slice(1);
}

function parametersIn(place: "path" | "query" | "header", shape?: z.ZodType): JsonSchema[] {
  if (!shape) return [];
  const { properties = {} } = z.toJSONSchema(shape, { io: "input" });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = textual(property as JsonSchema); // zod writes no boolean schemas.
    return {
      name,
      in: place,
      ...(description !== undefined && { description }),
      required: place === "path",
      schema,
      // `include=a,b`
      ...(schema["type"] === "array" && { style: "form", explode: false }),
    };
  });
}

/** A schema for a URL: an object is written as JSON; a value or a list of values as one value. */
function textual({ anyOf, description, ...schema }: JsonSchema): JsonSchema {
  const described = description === undefined ? {} : { description };
  if (schema["type"] === "object")
    return { type: "string", contentMediaType: "application/json", contentSchema: schema, ...described };
  return { ...withoutLists({ anyOf, ...schema }), ...described };
}

function withoutLists({ anyOf, ...schema }: JsonSchema): JsonSchema {
  if (!Array.isArray(anyOf)) return schema;
  const [one, ...others] = anyOf.filter((each: JsonSchema) => each["type"] !== "array");
  return others.length > 0 ? { ...schema, anyOf: [one, ...others] } : { ...one, ...schema };
}

const isOpen = ({ for: audience }: Route): boolean => audience === "everyone" || audience === "public";

/** A bearer token or a session; with a session, a request that changes something also sends the CSRF token. */
function securityOf(route: Route): JsonSchema[] {
  if (isOpen(route)) return [];
  const session = route.method === "get" ? { session: [] } : { session: [], csrf: [] };
  if (route.for === "token") return [{ bearer: [] }];
  return route.for === "agent" ? [{ bearer: [] }, session] : [session];
}

const MEDIA_TYPES = {
  json: "application/json",
  form: "application/x-www-form-urlencoded",
  raw: "application/octet-stream",
} as const;

function requestBodyOf(route: Route): JsonSchema {
  const {
    body = route.body && schemaOf(route.body),
    bodyRequired = true,
    examples,
  } = route.openapi?.() ?? {};
  const { bodyType = "json" } = route;
  if (!body && bodyType === "json") return {};
  const schema = body ?? (bodyType === "raw" ? {} : { type: "object" });
  return {
    requestBody: {
      required: bodyRequired,
      content: { [MEDIA_TYPES[bodyType]]: { schema, ...(examples && { examples }) } },
    },
  };
}

function answersOf({ statuses = { 200: "Done" }, answer }: Route): JsonSchema {
  const content =
    typeof answer === "string"
      ? { [answer === "html" ? "text/html" : answer]: { schema: { type: "string" } } }
      : { "application/json": { schema: envelope(answer.schema) } };
  return Object.fromEntries(
    Object.entries(statuses).map(([status, description]) => [status, { description, content }]),
  );
}

const envelope = (data: JsonSchema): JsonSchema => ({
  type: "object",
  properties: { success: { const: true }, data },
  required: ["success", "data"],
});

/** The statuses of the errors that a route's shape makes possible. */
function refusalsOf(route: Route): JsonSchema {
  const { params, query, headers, body, refusals = [] } = route;
  const known: ErrorCode[] = isOpen(route)
    ? []
    : ["unauthenticated", "forbidden", "rate_limited", "unavailable"];
  const input: ErrorCode[] = query || headers || body ? ["validation_failed"] : [];
  const codes: ErrorCode[] = [
    ...known,
    ...input,
    ...refusals,
    ...(params ? ["not_found" as const] : []),
    ...(body ? ["too_large" as const] : []),
    "internal",
  ];
  const statuses = [...new Set(codes.map((code) => STATUS[code]))].sort();
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }]));
}

/** The errors by status, for `components.responses`. */
export function refusalResponses(): JsonSchema {
  const codes = Object.entries(STATUS);
  return Object.fromEntries(
    [...new Set(Object.values(STATUS))].map((status) => [
      status,
      {
        description: codes
          .filter(([, of]) => of === status)
          .map(([code]) => `\`${code}\``)
          .join(", "),
        content: { "application/json": { schema: ref("Refusal") } },
      },
    ]),
  );
}
