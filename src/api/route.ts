import type { Request, RequestHandler, Response } from "express";
import type { z } from "zod";
import type { ErrorCode } from "../domain/core/errors.ts";
import type { Principal } from "../domain/core/principal.ts";
import type { Answer, JsonSchema } from "./schema.ts";

/**
 * Who may call a route:
 * - `everyone`: no check of the Host header, no look-up of the caller: health and documentation
 * - `public`: any caller, also with an agent's token: signed webhooks, OAuth, pay links
 * - `visitor`: people, signed in or not: the sign-in form, style sheets
 * - `session`: every signed-in person
 * - `agent`: an agent's token, or the owner's or office's session
 * - `token`: an agent's token only
 * - `people`: the owner's or the office's session
 * - `owner`: the owner's session
 */
export type Audience = "everyone" | "public" | "visitor" | "agent" | "token" | "session" | "people" | "owner";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** How a request's body is read. */
export type BodyType = "json" | "form" | "raw";

/** A parameter of the path, such as `:id`. */
export interface Parameter {
  schema: z.ZodType;
  /** The parsed value; throws not_found for a malformed one. */
  read(text: string): string;
}

/** What a route's handler works with. Query and body are parsed by the route's own schemas. */
export interface Call<Query = unknown, Body = unknown, Names extends string = string> {
  request: Request;
  response: Response;
  /** The caller; reading it throws unauthenticated if there is none. */
  readonly principal: Principal;
  /** Aborts when the caller hangs up. */
  readonly signal: AbortSignal | undefined;
  params: Record<Names, string>;
  query: Query;
  body: Body;
  /** Counts this request as one that may wait; throws rate_limited above the limit of its token. */
  hold(): void;
}

/** `html`: the handler returns the page, or answers itself. A media type: the handler writes the response itself. */
export type AnswerKind = "html" | `${"text" | "application" | "image"}/${string}`;

interface OpenApiDetails {
  /** The query as it is documented, where it says more than the schema that parses it. */
  query?: z.ZodObject;
  body?: JsonSchema;
  bodyRequired?: boolean;
  examples?: JsonSchema;
  components?: Readonly<Record<string, () => JsonSchema>>;
}

/** What every route declares. */
interface Description {
  /** `all` with a path that ends in `/*`: a handler that takes every method below it. */
  method: Method | "all";
  /** In Express's notation: `/api/jobs/:id`. */
  path: string;
  summary: string;
  for: Audience;
  description?: string;
  /** OpenAPI's operationId; made from method and path where it is left out. */
  id?: string;
  /** OpenAPI's tag; made from the path where it is left out. */
  tag?: string;
  /** Why the OpenAPI document leaves the route out. */
  hidden?: string;
  headers?: z.ZodObject;
  /** What the statuses of an answer mean; 200 is "Done" where it is left out. */
  statuses?: Readonly<Record<number, string>>;
  /** Error codes beyond those that follow from the rest. */
  refusals?: readonly ErrorCode[];
  /** Computed only when the document is made. */
  openapi?: () => OpenApiDetails;
  /** Express middleware that runs right before the handler. */
  before?: readonly RequestHandler[];
  /** Whether a session must send its CSRF token; by default yes, except on public routes. */
  csrf?: boolean;
}

type Returned<A> = A extends Answer<infer Data> ? Data : A extends "html" ? string | void : void;
type Output<Schema, Otherwise> = Schema extends z.ZodType ? z.output<Schema> : Otherwise;
type BodyWithoutSchema<Kind> = Kind extends "raw"
  ? Buffer
  : Kind extends "form"
    ? Record<string, string>
    : undefined;

interface Definition<Query, Body, Kind, Names extends string, A> extends Description {
  params?: Readonly<Record<Names, Parameter>>;
  /** Every parameter of the query string; others are refused. Left out: the query is not read. */
  query?: Query;
  body?: Body;
  bodyType?: Kind;
  /** The body carries an action's `data`, which `crm.submit` parses: it is not parsed twice. */
  bodyIsSubmission?: boolean;
  answer: A;
  handler(
    call: Call<Output<Query, undefined>, Output<Body, BodyWithoutSchema<Kind>>, Names>,
  ): Returned<A> | Promise<Returned<A>>;
}

/** A route as the rest of the API sees it: the types of its own query and body are gone. */
export interface Route extends Description {
  params?: Readonly<Record<string, Parameter>>;
  query?: z.ZodType | undefined;
  body?: z.ZodType | undefined;
  bodyType?: BodyType;
  bodyIsSubmission?: boolean;
  answer: Answer<unknown> | AnswerKind;
  handler(call: Call): unknown;
}

/**
 * Defines one endpoint. The Express route, the guard's table, OpenAPI, the hints of 404 and 405 and the name in the
 * request log are made from it.
 */
export function defineRoute<
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Kind extends BodyType = "json",
  Names extends string = never,
  A extends Answer<unknown> | AnswerKind = Answer<unknown>,
>(definition: Definition<Query, Body, Kind, Names, A>): Route {
  // `mount` hands over what the definition's own schemas parsed.
  return definition as Route;
}

/** Whether people see the answer in a browser. */
export const isPage = ({ answer }: Pick<Route, "answer">): boolean => answer === "html";

/** What comes before `/*`; null for a route without. */
export const mountPoint = ({ path }: Pick<Route, "path">): string | null =>
  path.endsWith("/*") ? path.slice(0, -2) : null;
