import { randomBytes } from "node:crypto";
import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import type { Logger } from "pino";
import { CrmError, type ErrorCode, internal, unavailable, validationFailed } from "../domain/core/errors.ts";
import type { Principal } from "../domain/core/principal.ts";
import { locals } from "./auth.ts";
import { BODY_LIMIT } from "./body.ts";
import { routeOf } from "./log-requests.ts";
import { renderError } from "./pages/error.tsx";
import { segmentsOf } from "./paths.ts";

/** The only place where refusals meet HTTP numbers. */
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

/** The title of the page where a person meets a refusal. */
const TITLE: Partial<Record<ErrorCode, string>> = {
  unauthenticated: "Please sign in",
  forbidden: "Not allowed",
  not_found: "Not found",
  rate_limited: "Too many tries",
  internal: "Something went wrong",
  unavailable: "Not available right now",
};

/** Any JSON answer that is not a refusal. */
export function answer(response: Response, data: unknown, status = 200): void {
  response.status(status).json({ success: true, data });
}

/** For a path that exists, reached with a method it does not have. */
export const methodNotAllowed =
  (...allowed: string[]): RequestHandler =>
  (request, response) => {
    const error = new CrmError("validation_failed", `${request.method} is not possible here.`, {
      hint: `Use ${allowed.join(" or ")}.`,
    });
    response.set("Allow", allowed.join(", ")).status(405).json({ success: false, error: error.body });
  };

/** Turns whatever was thrown into an answer of ours; what we did not expect is logged and only its reference shown. */
export function errorHandler(
  log: Logger,
  pendingFor: (principal: Principal) => Promise<number | null>,
): ErrorRequestHandler {
  return async (thrown: unknown, request, response, next) => {
    if (response.headersSent) return next(thrown);
    const error = refusalOf(thrown) ?? unexpected(thrown, request, log);
    if (error.code === "rate_limited")
      response.set("Retry-After", String(error.body.retry_after_seconds ?? 1));
    if (error.code === "unauthenticated") response.set("WWW-Authenticate", "Bearer");
    response.status(STATUS[error.code]);
    if (!forPerson(request)) return response.json({ success: false, error: error.body });
    const { message, hint } = error.body;
    const page = {
      status: STATUS[error.code],
      title: TITLE[error.code] ?? "That did not work",
      message,
      hint,
    };
    const { session } = locals(response);
    if (!session) return response.type("html").send(renderError(page));
    // With what is wrong on our side, the count may not be there either.
    const pending = page.status < 500 ? await pendingFor(session.principal).catch(() => null) : null;
    return response.type("html").send(renderError({ ...page, session, pending }));
  };
}

/** Machines get JSON wherever they knock; people a page. */
function forPerson(request: Request): boolean {
  const [root = ""] = segmentsOf(request.originalUrl);
  return (
    !["api", "mcp", "healthz", "readyz", "metrics"].includes(root) &&
    request.headers.authorization === undefined
  );
}

function refusalOf(thrown: unknown): CrmError | null {
  if (thrown instanceof CrmError) return thrown;
  if (thrown instanceof URIError)
    return new CrmError("validation_failed", "The path holds a broken percent-encoding.", {
      hint: "Encode the id with encodeURIComponent and send it again.",
    });
  const { type } = faultOf(thrown);
  if (type) return bodyRefusal(type);
  return databaseIsDown(thrown) ? unavailable("The database does not answer.") : null;
}

/** What Express's body parsers find, by the `type` they give it. */
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

/** The few fields of a thrown thing that we look at; TypeORM wraps the driver's error. */
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

const UNREACHABLE = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT)$/;
/** Connections, shutdown, too many clients; and a lock or a serialization that did not come in time. */
const NOT_NOW = /^(08...|57P0.|53300|55P03|40001|40P01)$/;
const LOST =
  /timeout exceeded when trying to connect|connection (error|terminated|timeout)|not queryable|is not (yet )?(connected|established|initialized)|end on the pool/i;

function databaseIsDown(thrown: unknown): boolean {
  const { code = "", message = "" } = faultOf(thrown);
  return UNREACHABLE.test(code) || NOT_NOW.test(code) || LOST.test(message);
}

function unexpected(thrown: unknown, request: Request, log: Logger): CrmError {
  const reference = `err_${randomBytes(6).toString("hex")}`;
  const { driver, name, code, constraint, message, stack } = faultOf(thrown);
  // The driver's words may quote a customer's data: its code and the frames say enough.
  const what = driver ? { name, code, constraint } : { name, code, message };
  const frames = stack?.split("\n").filter((line) => /^\s+at /.test(line));
  log.error(
    { reference, method: request.method, route: routeOf(request), ...what, frames },
    "unexpected error",
  );
  return internal(reference);
}
