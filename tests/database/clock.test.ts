import type { DataSource } from "typeorm";
import { makeDatabaseClock } from "../../src/database/clock.ts";

const HOUR_MS = 3_600_000;

/** A database that answers at once with the right time, but each `late` answer is slow and an hour off. */
function answering(late: boolean[]): DataSource {
  const query = async () => {
    const isLate = late.shift();
    if (isLate === undefined) throw new Error("asked more often than expected");
    if (isLate) await new Promise((resolve) => setTimeout(resolve, 500));
    return { rows: [{ at: new Date(Date.now() + (isLate ? HOUR_MS : 0)) }] };
  };
  const queryRunner = { isReleased: false, connect: () => Promise.resolve({ query }) };
  return { manager: { queryRunner } } as unknown as DataSource; // All that the clock uses.
}

const fail = (error: unknown) => {
  throw error;
};

describe("the database's clock", () => {
  it.each([
    ["first", [true, false, false]],
    ["last", [false, false, true]],
  ])("is not put off by an answer that is late: the %s one", async (_which, late) => {
    const clock = await makeDatabaseClock(answering(late), fail);
    expect(Math.abs(clock.skewMs())).toBeLessThan(HOUR_MS / 2);
    clock.close();
  });
});
