import { type Logger, pino } from "pino";

/** Fields that are never logged, at the top of a line or one level below: secrets and personal data. */
const NOT_LOGGED = [
  ...["authorization", "cookie", "csrf_token", "password", "token", "agent_token", "owner_password"],
  ...["email", "emails", "phone", "phones", "notes", "note", "reasoning", "body", "input", "data", "result"],
];

/** Strips data from errors: drivers and parsers quote rows, parameters and input. */
const serializers = { err: loggableError, error: loggableError };

/** Logs go to stderr; stdout has the output for people and the `ready` line. */
export const makeLog = (
  level: string,
  destination: { write(line: string): void } = standardError(),
): Logger =>
  pino(
    {
      level,
      serializers,
      redact: { paths: NOT_LOGGED.flatMap((field) => [field, `*.${field}`]), censor: "[not logged]" },
    },
    destination,
  );

const standardError = () => pino.destination({ dest: 2, sync: true });

interface LoggableError {
  type: string;
  code?: string;
  constraint?: string;
  message?: string;
  frames?: string[];
  cause?: LoggableError;
}

/** Type, code and frames of an error; its message only if it cannot contain data. */
export function loggableError(thrown: unknown, depth = 0): LoggableError {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  // Any of these may be missing or of any type.
  const { code, constraint, driverError } = thrown as {
    code?: unknown;
    constraint?: unknown;
    driverError?: unknown;
  };
  if (driverError instanceof Error) return { ...loggableError(driverError, depth), frames: framesOf(thrown) };
  return {
    type: thrown.name,
    ...(typeof code === "string" && { code }),
    ...(typeof constraint === "string" && { constraint }),
    ...(!quotes(thrown) && { message: thrown.message }),
    frames: framesOf(thrown),
    ...(thrown.cause !== undefined && depth < 3 && { cause: loggableError(thrown.cause, depth + 1) }),
  };
}

/** PostgreSQL's errors quote rows and values, Redis's quote commands, JSON.parse quotes its input. */
const quotes = (error: Error): boolean =>
  "severity" in error || "command" in error || error instanceof SyntaxError;

/** The stack without its head, which repeats the message. */
function framesOf({ stack = "", message }: Error): string[] {
  const head = stack.indexOf(message) + message.length;
  const frames = stack.slice(head).split("\n");
  return frames.map((line) => line.trim()).filter((line) => line.startsWith("at "));
}
