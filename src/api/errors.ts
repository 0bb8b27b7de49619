import { randomBytes } from "node:crypto";
import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import type { Logger } from "pino";
import { isTransient } from "../domain/core/database-errors.ts";
import { CrmError, type ErrorCode, internal, unavailable, validationFailed } from "../domain/core/errors.ts";
import { nearest } from "../domain/core/registry.ts";
import { renderError } from "./console/ui/error.tsx";
import type { Frame } from "./console/ui/layout.tsx";
import { routeName } from "./log-requests.ts";
import type { RouteTable } from "./route-table.ts";
import { locals, type SignedIn } from "./security/authenticate.ts";
import { BODY_LIMIT } from "./security/body.ts";

/** HTTP status by error code. */
export const STATUS: Record<ErrorCode, number> = {
  validation_failed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  ambiguous: 409,
  conflict: 409,
  idempotency_conflict: 409,
  too_large: 413,
  invalid_state: 422,
  reasoning_required: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
};

/** Title of the error page by error code. */
const TITLE: Partial<Record<ErrorCode, string>> = {
  unauthenticated: "Please sign in",
  forbidden: "Not allowed",
  not_found: "Not found",
  rate_limited: "Too many attempts",
  internal: "Something went wrong",
  unavailable: "Not available right now",
};

/** Sends a JSON success response. */
export function answer(response: Response, data: unknown, status = 200): void {
  response.status(status).json({ success: true, data });
}

/** A known path was called with a method that it does not have. */
class MethodNotAllowed extends CrmError {
  readonly allowed: readonly string[];

  constructor(method: string, allowed: readonly string[]) {
    super("validation_failed", `${method} is not possible here.`, { hint: `Use ${allowed.join(" or ")}.` });
    this.allowed = allowed;
  }
}

export const methodNotAllowed =
  (allowed: readonly string[]): RequestHandler =>
  (request) => {
    throw new MethodNotAllowed(request.method, allowed);
  };

/** Throws not_found for a path without a route; below /api with the nearest paths. */
export function noSuchPath(request: Request, table?: RouteTable): never {
  const path = request.originalUrl.split("?", 1)[0]?.slice(0, 80) ?? "";
  const paths = table?.documented ?? [];
  const near = path.toLowerCase().startsWith("/api") && paths.length > 0 ? nearest(path, paths) : null;
  throw new CrmError("not_found", `There is nothing at ${path}.`, {
    hint: near
      ? `Did you mean ${near.join(" or ")}? GET /api/capabilities lists what the API offers.`
      : "GET /api/capabilities lists what the API offers; people start at /authorizations.",
    ...(near && { extra: { nearest: near } }),
  });
}

/** What a person's error page needs besides the error: session, navigation, pending count. */
export type ErrorFrame = (session: SignedIn) => Promise<Pick<Frame, "session" | "navigation" | "pending">>;

/** Sends the error response. An unexpected error is logged, and the caller sees only its reference. */
export function errorHandler(log: Logger, frameFor: ErrorFrame): ErrorRequestHandler {
  // eslint-disable-next-line max-params -- Express takes a handler for errors only with four parameters.
  return async (thrown: unknown, request, response, next) => {
    if (response.headersSent) return next(thrown);
    const error = refusalOf(thrown) ?? unexpected(thrown, response, log);
    const status = error instanceof MethodNotAllowed ? 405 : STATUS[error.code];
    if (error instanceof MethodNotAllowed) response.set("Allow", error.allowed.join(", "));
    if (error.code === "rate_limited")
      response.set("Retry-After", String(error.body.retry_after_seconds ?? 1));
    if (error.code === "unauthenticated") response.set("WWW-Authenticate", "Bearer");
    response.status(status);
    const { match, session } = locals(response);
    const forPerson = match?.page !== false && request.headers.authorization === undefined;
    if (!forPerson) return response.json({ success: false, error: error.body });
    const { message, hint } = error.body;
    const title = TITLE[error.code] ?? "That did not work";
    const page = { status, title, message, hint, forCustomers: match?.audience === "public" };
    const frame = session && (await frameFor(session).catch(() => undefined));
    return response.type("html").send(renderError({ ...page, frame }));
  };
}

function refusalOf(thrown: unknown): CrmError | null {
  if (thrown instanceof CrmError) return thrown;
  if (thrown instanceof URIError)
    return new CrmError("validation_failed", "The path holds a broken percent-encoding.", {
      hint: "Encode the id with encodeURIComponent and send it again.",
    });
  const { type } = faultOf(thrown);
  if (type) return bodyRefusal(type);
  return isTransient(thrown) ? unavailable("The database does not answer.") : null;
}

/** Errors of Express's body parsers, by their `type`. */
function bodyRefusal(type: string): CrmError | null {
  if (type === "entity.too.large")
    return new CrmError("too_large", `The body is larger than 1 MB (${BODY_LIMIT} bytes).`, {
      hint: "Send less at once: shorten long texts or split the request.",
      extra: { limit_bytes: BODY_LIMIT },
    });
  if (type === "entity.parse.failed")
    return validationFailed(
      [{ path: "body", message: "is not valid JSON" }],
      'Send one JSON object, such as {"type": "contacts"}.',
    );
  if (/^(encoding|charset|request|stream|parameters|querystring)\./.test(type))
    return validationFailed(
      [{ path: "body", message: "cannot be read" }],
      "Send it whole, as UTF-8, without Content-Encoding.",
    );
  return null;
}

interface Fault {
  type?: string;
  code?: string;
  message?: string;
  name?: string;
  stack?: string;
  constraint?: string;
  driver: boolean;
}

/** The fields of an error that are used here; TypeORM wraps the driver's error. */
function faultOf(thrown: unknown): Fault {
  if (typeof thrown !== "object" || thrown === null) return { driver: false };
  const driver =
    "driverError" in thrown && typeof thrown.driverError === "object" ? thrown.driverError : null;
  const source: object = driver ?? thrown;
  const text = (key: string) => {
    const value: unknown = Reflect.get(source, key);
    return typeof value === "string" ? { [key]: value } : {};
  };
  const fields = ["type", "code", "message", "name", "stack", "constraint"].map(text);
  return Object.assign({ driver: driver !== null || "severity" in source }, ...fields) as Fault;
}

function unexpected(thrown: unknown, response: Response, log: Logger): CrmError {
  const reference = `err_${randomBytes(6).toString("hex")}`;
  const { driver, name, code, constraint, message, stack } = faultOf(thrown);
  // The driver's message may contain customer data: log only its code and the stack frames.
  const what = driver ? { name, code, constraint } : { name, code, message };
  const frames = stack?.split("\n").filter((line) => /^\s+at /.test(line));
  log.error(
    { reference, method: response.req.method, route: routeName(response), ...what, frames },
    "unexpected error",
  );
  return internal(reference);
}
