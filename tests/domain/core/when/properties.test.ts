import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import {
  couldBe,
  type Read,
  readDay,
  readMoment,
  readSpan,
  readTime,
} from "../../../../src/domain/core/when/index.ts";
import { said } from "./in-words.ts";
import { rounds } from "../../../support/form.ts";

const WORDS = `
  today tomorrow yesterday now tonight day days week weeks weekend fortnight month year this next last in from after before
  by until to through between and a an start end am pm o'clock half quarter minutes hours ago at noon midnight morning
  evening early late any time asap around monday fri sunday january feb may one two ten twenty first fifth 0 1 2 9 12 15 29
  30 31 99 1530 2026 9999 0st 31st 9:30 14:00 1/15 29/2 2/30/2026 0/0/2026 15.1.26 2026-01-15 0000-00-00 2026-02-29
  20260229 9999-12-31T23:59:59Z 2026-11-23T15:30 2026-11-23T15:30:60+14:00 0001-01-01T00:00-23:59 - .. / , . @ ~ fooday`
  .trim()
  .split(/\s+/);

const sentence = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 8 })
  .chain((words) => fc.constantFrom(" ", "").map((space) => words.join(space)));
const text = fc.oneof(
  { weight: 6, arbitrary: sentence },
  { weight: 2, arbitrary: fc.string({ maxLength: 90 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 90 }) },
);

const ZONES = ["America/Chicago", "Europe/Berlin", "Australia/Sydney", "UTC"];
const instants = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) });
const references = fc
  .tuple(instants, fc.constantFrom(...ZONES), fc.constantFrom("US", "DE"))
  .map(([now, zone, country]) => ({ ...said("2026-01-07T10:00", zone, country), now: new Date(now) }));

const RUNS = { numRuns: rounds(100, 500) };
const READERS = [readDay, readSpan, readMoment];

describe("any text", () => {
  it("is read or refused, and never makes a reader throw", () => {
    fc.assert(
      fc.property(text, references, fc.boolean(), (words, reference, past) => {
        const results: Read<unknown>[] = [
          ...READERS.map((reader) => reader(words, reference, { past })),
          readTime(words, reference),
        ];
        for (const kind of ["day", "span", "time", "moment"] as const) results.push(couldBe(kind, words));
        for (const result of results) {
          if (result.ok) continue;
          expect(result.fault.message).not.toBe("");
          expect(result.fault.readings.length).toBeLessThanOrEqual(3);
          for (const reading of result.fault.readings)
            expect(reading).toMatch(/^(\d{4}-\d\d-\d\d(T\d\d:\d\d)?|\d\d:\d\d)$/);
        }
      }),
      RUNS,
    );
  });

  it("names no day before today where the past is not allowed", () => {
    fc.assert(
      fc.property(text, references, (words, reference) => {
        const today = Temporal.Instant.fromEpochMilliseconds(reference.now.getTime())
          .toZonedDateTimeISO(reference.zone)
          .toPlainDate();
        const day = readDay(words, reference);
        const moment = readMoment(words, reference);
        if (day.ok) expect(Temporal.PlainDate.compare(day.value, today)).toBeGreaterThanOrEqual(0);
        if (!moment.ok) return;
        expect(Temporal.PlainDate.compare(moment.value.date, today)).toBeGreaterThanOrEqual(0);
        if (moment.value.instant)
          expect(moment.value.instant.getTime()).toBeGreaterThanOrEqual(reference.now.getTime());
      }),
      RUNS,
    );
  });

  it("that a reader reads could be read", () => {
    fc.assert(
      fc.property(text, references, (words, reference) => {
        if (readDay(words, reference).ok) expect(couldBe("day", words).ok).toBe(true);
        if (readSpan(words, reference).ok) expect(couldBe("span", words).ok).toBe(true);
        if (readMoment(words, reference).ok) expect(couldBe("moment", words).ok).toBe(true);
      }),
      RUNS,
    );
  });
});
