/** A generator of integers from `from` to `to`, inclusive. Prints its seed; FAULT_SEED repeats a run. */
export function makeChance(what: string): (from: number, to: number) => number {
  const given = process.env["FAULT_SEED"];
  let state = given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
  process.stderr.write(`${what}: FAULT_SEED=${state}\n`);
  return (from, to) => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return from + (((mixed ^ (mixed >>> 14)) >>> 0) % (to - from + 1));
  };
}
