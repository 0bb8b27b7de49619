import { relativeTime } from "../../../src/api/console/ui/time.tsx";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe("a relative time", () => {
  const now = new Date("2026-11-22T15:00:00Z");

  it.each([
    [72 * HOUR, "in 3 days"],
    [72 * HOUR - SECOND, "in 3 days"],
    [23 * HOUR, "in 23 hours"],
    [HOUR - SECOND, "in 1 hour"],
    [90 * MINUTE + SECOND, "in 2 hours"],
    [59 * SECOND, "in less than a minute"],
    [0, "just now"],
    [-59 * SECOND, "just now"],
    [-2 * MINUTE - 3 * SECOND, "2 minutes ago"],
    [-25 * HOUR, "1 day ago"],
  ])("is rounded to the nearest unit: %d ms are %s", (distance, expected) => {
    expect(relativeTime(new Date(now.getTime() + distance), now)).toBe(expected);
  });
});
