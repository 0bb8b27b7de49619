import { overlaps } from "../../../src/domain/schedule/interval.ts";

const span = (from: string, to: string) => ({
  from: new Date(`2026-11-23T${from}:00Z`),
  to: new Date(`2026-11-23T${to}:00Z`),
});

describe("overlaps", () => {
  it.each([
    ["starts before the other ends", span("09:00", "10:00"), span("09:59", "11:00"), true],
    ["contains the other", span("09:00", "12:00"), span("10:00", "11:00"), true],
    ["equals the other", span("09:00", "10:00"), span("09:00", "10:00"), true],
    ["ends when the other starts", span("09:00", "10:00"), span("10:00", "11:00"), false],
    ["ends before the other starts", span("09:00", "10:00"), span("10:01", "11:00"), false],
  ])("gives the same answer in both directions when one interval %s", (_case, one, other, expected) => {
    expect([overlaps(one, other), overlaps(other, one)]).toEqual([expected, expected]);
  });
});
