import { z } from "zod";
import { capabilities } from "../openapi/capabilities.ts";
import { parse } from "../../domain/core/input.ts";
import type { RecordType } from "../../domain/core/record-type.ts";
import type { Registry } from "../../domain/core/registry.ts";
import { type QueryInput, queryInput } from "../../domain/query/parse.ts";
import type { QueryAnswer } from "../../domain/query/run-query.ts";
import type { Crm } from "../../crm/contract.ts";
import { listQuery, listSchemaOf, oneQuery, oneSchemaOf, queryBody } from "../openapi/records.ts";
import { defineRoute, type Route } from "../route.ts";
import { inline } from "../schema.ts";
import { pageParameters, textParameter } from "./parameters.ts";

const list = z.preprocess(
  (value) => (typeof value === "string" ? value.split(",").map((name) => name.trim()) : value),
  queryInput.shape.include,
);

const text = z.string({ error: "give it once, as text" });

const urlParameters = z
  .object({
    search: text.optional(),
    sort: text.optional(),
    include: list,
    fields: list,
    ...pageParameters,
  })
  .catchall(text);

/** Reading records: capabilities, the query by body, and the same by URL for each record type. */
export function recordRoutes({ crm, registry }: { crm: Crm; registry: Registry }): Route[] {
  const types = [...registry.types.values()];
  return [
    defineRoute({
      method: "get",
      path: "/api/capabilities",
      id: "read_capabilities",
      tag: "Records",
      summary: "List the actions and record types",
      for: "agent",
      query: z.strictObject({
        domain: z.string().max(60).optional(),
        action: z.string().max(60).optional(),
      }),
      answer: capabilities,
      handler({ principal, query }) {
        const audience = principal.kind === "agent" ? "agent" : "people";
        return crm.capabilities({ ...query, audience });
      },
    }),
    defineRoute({
      method: "post",
      path: "/api/query",
      id: "query",
      tag: "Records",
      summary: "Find and read records",
      for: "agent",
      body: queryInput,
      openapi: () => queryBody(types),
      answer: inline<QueryAnswer>({ anyOf: [listSchemaOf(types), oneSchemaOf(types)] }),
      refusals: ["not_found"],
      handler: ({ principal, body, signal }) => crm.query(principal, body, { signal }),
    }),
    ...types.flatMap((type) => routesOf(type, crm)),
  ];
}

function routesOf(type: RecordType, crm: Crm): Route[] {
  const name = type.type;
  return [
    defineRoute({
      method: "get",
      path: `/api/${name}`,
      id: `list_${name}`,
      tag: "Records",
      summary: `List ${name}`,
      description: type.description,
      for: "agent",
      query: urlParameters,
      openapi: () => ({ query: listQuery(type) }),
      answer: inline<QueryAnswer>(listSchemaOf([type])),
      handler: ({ principal, query, signal }) =>
        crm.query(principal, inputFrom(query, { type: name }), { signal }),
    }),
    defineRoute({
      method: "get",
      path: `/api/${name}/:id`,
      id: `read_${name}`,
      tag: "Records",
      summary: `Read one of ${name}`,
      for: "agent",
      params: { id: textParameter },
      query: urlParameters,
      openapi: () => ({ query: oneQuery(type) }),
      answer: inline<QueryAnswer>(oneSchemaOf([type])),
      handler: ({ principal, query, params, signal }) =>
        crm.query(principal, inputFrom(query, { type: name, id: params.id }), { signal }),
    }),
  ];
}

/** `?status=scheduled&include=address` as input of `crm_query`; a parameter with no meaning of its own is a filter. */
function inputFrom(query: z.output<typeof urlParameters>, path: { type: string; id?: string }): QueryInput {
  const { search, sort, include, fields, limit, cursor, ...filters } = query;
  const given = { ...path, search, sort, include, fields, limit, cursor };
  const present = Object.entries({ ...given, ...(Object.keys(filters).length > 0 && { filters }) });
  return parse(queryInput, Object.fromEntries(present.filter(([, value]) => value !== undefined)));
}
