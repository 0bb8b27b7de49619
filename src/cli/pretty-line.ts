const LEVELS: Record<number, string> = {
  10: "TRACE",
  20: "DEBUG",
  30: "INFO ",
  40: "WARN ",
  50: "ERROR",
  60: "FATAL",
};
const HIDDEN = new Set(["level", "time", "pid", "hostname", "msg", "err", "steps"]);

interface Entry extends Record<string, unknown> {
  level: number;
  time: number;
  msg?: string;
  err?: { type?: string; code?: string; message?: string; frames?: string[] };
}

/** Formats a log line for a person: `10:14:24 WARN  text  key=value`, then the error's stack. Returns other lines unchanged. */
export function prettyLine(line: string): string {
  const entry = parsed(line);
  if (!entry) return line;
  const time = new Date(entry.time).toTimeString().slice(0, 8);
  const fields = Object.entries(entry)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const head = [`${time} ${LEVELS[entry.level] ?? entry.level} ${entry.msg ?? ""}`, ...fields].join("  ");
  const { err } = entry;
  if (!err) return head;
  const error = [err.type, err.code, err.message].filter(Boolean).join(" ");
  return [head, `    ${error}`, ...(err.frames ?? []).map((frame) => `      ${frame}`)].join("\n");
}

function parsed(line: string): Entry | null {
  try {
    const value: unknown = JSON.parse(line);
    const isEntry = typeof value === "object" && value !== null && "level" in value && "time" in value;
    return isEntry ? (value as Entry) : null; // pino's lines have both.
  } catch {
    return null;
  }
}
