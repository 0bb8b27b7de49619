/** The result of one check. `fail` stops Countersign from working, `warn` does not. */
export interface Finding {
  part: "config" | "database" | "clock" | "queue" | "schedule" | "mail" | "disk";
  state: "ok" | "warn" | "fail";
  text: string;
  /** What to do about it. */
  todo?: string;
}

export const ok = (part: Finding["part"], text: string): Finding => ({ part, state: "ok", text });
export const warn = (part: Finding["part"], text: string, todo: string): Finding => ({
  part,
  state: "warn",
  text,
  todo,
});
export const fail = (part: Finding["part"], text: string, todo: string): Finding => ({
  part,
  state: "fail",
  text,
  todo,
});

/** One line: `FAIL queue     Redis at …; do: start it`. */
export const lineOf = ({ part, state, text, todo }: Finding): string =>
  `${(state === "fail" ? "FAIL" : state).padEnd(4)} ${part.padEnd(9)} ${oneLine(text)}${todo ? `; do: ${oneLine(todo)}` : ""}`;

const oneLine = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .join(" ")
    .replace(/[.;]$/, "");
