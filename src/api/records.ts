import { type Request, Router } from "express";
import { z } from "zod";
import { CrmError } from "../domain/core/errors.ts";
import { parse } from "../domain/core/input.ts";
import type { Crm } from "../domain/core/ports.ts";
import { type QueryInput, queryInput } from "../domain/core/query.ts";
import { nearest, type Registry } from "../domain/core/registry.ts";
import { pageParameters, queryOf } from "./asked.ts";
import { principalOf } from "./auth.ts";
import { jsonBody } from "./body.ts";
import { answer, methodNotAllowed } from "./errors.ts";

export const capabilitiesQuery = z.strictObject({
  domain: z.string().max(60).optional(),
  action: z.string().max(60).optional(),
});

/** Reading: what there is, and the records themselves, by body or by URL. */
export function recordRoutes(crm: Crm, registry: Registry): Router {
  const router = Router();

  router
    .route("/capabilities")
    .get(async (request, response) => {
      const audience = principalOf(response).kind === "agent" ? "agent" : "people";
      answer(response, await crm.capabilities({ ...queryOf(request, capabilitiesQuery), audience }));
    })
    .all(methodNotAllowed("GET"));

  router
    .route("/query")
    .post(jsonBody, async (request, response) => {
      answer(response, await crm.query(principalOf(response), parse(queryInput, request.body ?? {})));
    })
    .all(methodNotAllowed("POST"));

  router
    .route(["/:type", "/:type/:id"])
    .all((request, _response, next) => {
      if (!registry.types.has(String(request.params.type))) throw unknownPath(request, registry);
      next();
    })
    .get(async (request, response) => {
      answer(response, await crm.query(principalOf(response), queryFromUrl(request)));
    })
    .all(methodNotAllowed("GET"));

  return router;
}

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

/** `?status=scheduled&include=address` as `crm_query` would say it; whatever has no meaning of its own is a filter. */
function queryFromUrl(request: Request): QueryInput {
  const { search, sort, include, fields, limit, cursor, ...filters } = queryOf(request, urlParameters);
  const { type, id } = request.params;
  const given = { type, id, search, sort, include, fields, limit, cursor };
  const named = Object.entries({ ...given, ...(Object.keys(filters).length > 0 && { filters }) });
  return parse(queryInput, Object.fromEntries(named.filter(([, value]) => value !== undefined)));
}

function unknownPath(request: Request, { types }: Registry) {
  const near = nearest(String(request.params.type), [...types.keys(), ...RESOURCES]);
  return new CrmError("not_found", "There is nothing at this path.", {
    hint: `Did you mean ${near.map((name) => `/api/${name}`).join(" or ")}? GET /api/capabilities lists what there is.`,
  });
}

const RESOURCES = [
  "capabilities",
  "query",
  "actions",
  "jobs",
  "tools",
  "authorizations",
  "rules",
  "session",
  "users",
];
