import { prettyLine } from "../../src/cli/pretty-line.ts";

describe("a log line", () => {
  const time = new Date(2026, 10, 29, 10, 14, 24).getTime();

  it("becomes time, level, text and fields", () => {
    const line = JSON.stringify({
      level: 40,
      time,
      pid: 1,
      hostname: "box",
      queue: "actions",
      tries: 2,
      msg: "slow",
    });
    expect(prettyLine(line)).toBe("10:14:24 WARN  slow  queue=actions  tries=2");
  });

  it("shows an error with its frames below", () => {
    const err = { type: "Error", code: "E1", message: "broken", frames: ["at here", "at there"] };
    expect(prettyLine(JSON.stringify({ level: 50, time, msg: "a bug", err }))).toBe(
      "10:14:24 ERROR a bug\n    Error E1 broken\n      at here\n      at there",
    );
  });

  it("is unchanged unless it is a log entry", () => {
    for (const line of ["ready http://localhost:8000", "{broken", "5", '{"a":1}'])
      expect(prettyLine(line)).toBe(line);
  });
});
