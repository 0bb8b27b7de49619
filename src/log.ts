import { type Logger, pino } from "pino";

/** Fields that never appear in a log, at the top of a line or one level below: secrets, and what people wrote. */
const UNSPEAKABLE = [
  ...["authorization", "cookie", "csrf_token", "password", "token", "agent_token", "owner_password"],
  ...["email", "emails", "phone", "phones", "notes", "note", "reasoning", "body", "input", "data", "result"],
];

/** Tells errors without the values they carry: drivers and parsers quote rows, parameters and input. */
const serializers = { err: loggableError, error: loggableError };

/** stdout is for people and for `ready`; what happens is told on stderr. */
export const makeLog = (
  level: string,
  destination: { write(line: string): void } = standardError(),
): Logger =>
  pino(
    {
      level,
      serializers,
      redact: { paths: UNSPEAKABLE.flatMap((field) => [field, `*.${field}`]), censor: "[not logged]" },
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

/** Type, code and frames of an error; its words only where they are nobody's data. */
export function loggableError(thrown: unknown, depth = 0): LoggableError {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
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

/** PostgreSQL's errors quote rows and values, Redis' commands, JSON.parse the text it got. */
const quotes = (error: Error): boolean =>
  "severity" in error || "command" in error || error instanceof SyntaxError;

/** The stack without its head, which is the message once more. */
function framesOf({ stack = "", message }: Error): string[] {
  const head = stack.indexOf(message) + message.length;
  const frames = stack.slice(head).split("\n");
  return frames.map((line) => line.trim()).filter((line) => line.startsWith("at "));
}
