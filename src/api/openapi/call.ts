import { z } from "zod";
import type { ErrorCode } from "../../domain/core/errors.ts";
import { STATUS } from "../errors.ts";

/** JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
export type JsonSchema = Record<string, unknown>;

/** One thing that HTTP can be asked, in our words; `operationOf` says it in OpenAPI's. */
export interface Call {
  /** `operationId` */
  id: string;
  tag: string;
  summary: string;
  description?: string;
  /** Left out: an agent's token or a person's session. */
  for?: "anybody" | "people";
  /** What stands in the path's braces. */
  path?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: { schema: JsonSchema; examples?: JsonSchema; required?: boolean };
  /** Status → what it means; the data is the same for all of them. */
  answers?: Readonly<Record<number, string>>;
  /** Schema of `data` in the envelope; a media type where the answer is no JSON. */
  data: JsonSchema | `text/${string}`;
  /** Beyond what follows from the rest. */
  refusals?: readonly ErrorCode[];
}

export type Calls = Readonly<Record<string, Partial<Record<"get" | "post" | "put" | "delete", Call>>>>;

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** Without `$schema`: OpenAPI 3.1 means 2020-12 where none is named. */
export function schemaOf(type: z.ZodType, io: "input" | "output" = "input"): JsonSchema {
  const schema: JsonSchema = z.toJSONSchema(type, { io });
  delete schema["$schema"];
  return schema;
}

export const listOf = (item: JsonSchema): JsonSchema => ({
  type: "object",
  properties: {
    items: { type: "array", items: item },
    next_cursor: { type: ["string", "null"], description: "Where the next page begins; null: no more" },
    total: { type: "integer" },
    total_is_estimate: { type: "boolean", description: "There are too many to count exactly" },
  },
  required: ["items", "next_cursor", "total"],
});

export function operationOf(method: string, call: Call): JsonSchema {
  const { id, tag, summary, description, path, query, headers, body } = call;
  const parameters = [
    ...parametersIn("path", path),
    ...parametersIn("query", query),
    ...parametersIn("header", headers),
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: securityOf(method, call),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: body.required ?? true,
        content: {
          "application/json": { schema: body.schema, ...(body.examples && { examples: body.examples }) },
        },
      },
    }),
    responses: { ...answersOf(call), ...refusalsOf(call) },
  };
}

function parametersIn(place: "path" | "query" | "header", shape?: z.ZodObject): JsonSchema[] {
  if (!shape) return [];
  const { properties = {} } = z.toJSONSchema(shape, { io: "input" });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = textual(property as JsonSchema);
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

/** As a URL says it: an object as JSON; what takes one value or a list of them, as one. */
function textual({ anyOf, description, ...schema }: JsonSchema): JsonSchema {
  const said = description === undefined ? {} : { description };
  if (schema["type"] === "object")
    return { type: "string", contentMediaType: "application/json", contentSchema: schema, ...said };
  return { ...plain({ anyOf, ...schema }), ...said };
}

function plain({ anyOf, ...schema }: JsonSchema): JsonSchema {
  if (!Array.isArray(anyOf)) return schema;
  const [one, ...others] = anyOf.filter((each: JsonSchema) => each["type"] !== "array");
  return others.length > 0 ? { ...schema, anyOf: [one, ...others] } : { ...one, ...schema };
}

/** A bearer token or a session; with a session, what changes something brings its CSRF token. */
function securityOf(method: string, call: Call): JsonSchema[] {
  if (call.for === "anybody") return [];
  const session = method === "get" ? { session: [] } : { session: [], csrf: [] };
  return call.for === "people" ? [session] : [{ bearer: [] }, session];
}

function answersOf({ answers = { 200: "Done" }, data }: Call): JsonSchema {
  const content =
    typeof data === "string"
      ? { [data]: { schema: { type: "string" } } }
      : { "application/json": { schema: envelope(data) } };
  return Object.fromEntries(
    Object.entries(answers).map(([status, description]) => [status, { description, content }]),
  );
}

const envelope = (data: JsonSchema): JsonSchema => ({
  type: "object",
  properties: { success: { const: true }, data },
  required: ["success", "data"],
});

/** By the statuses of the refusals that its shape makes possible. */
function refusalsOf({ for: who, path, query, headers, body, refusals = [] }: Call): JsonSchema {
  const known: ErrorCode[] =
    who === "anybody" ? [] : ["unauthenticated", "forbidden", "rate_limited", "unavailable"];
  const input: ErrorCode[] = query || headers || body ? ["validation_failed"] : [];
  const codes: ErrorCode[] = [
    ...known,
    ...input,
    ...refusals,
    ...(path ? ["not_found" as const] : []),
    ...(body ? ["too_large" as const] : []),
    "internal",
  ];
  const statuses = [...new Set(codes.map((code) => STATUS[code]))].sort();
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }]));
}

/** The refusals by status: what `components.responses` holds. */
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
