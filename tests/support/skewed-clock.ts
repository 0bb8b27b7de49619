/**
 * Preloaded into a process of the product: moves the clock of its machine by CLOCK_SKEW_MS, at once or, where CLOCK_SKEW_AT
 * names a signal, when that arrives. The monotonic clock goes on as before, as on a real machine.
 */
import { writeSync } from "node:fs";

const { CLOCK_SKEW_MS, CLOCK_SKEW_AT } = process.env;
const real = Date.now.bind(Date);
let skewMs = 0;
const shifted = () => real() + skewMs;

function move(): void {
  skewMs = Number(CLOCK_SKEW_MS);
  writeSync(2, "the clock was moved\n");
}

Date.now = shifted;
globalThis.Date = new Proxy(Date, {
  construct: (target, args, caller) =>
    Reflect.construct(target, args.length === 0 ? [shifted()] : args, caller) as Date, // What `target` makes.
  apply: (target) => new target(shifted()).toString(),
});
if (CLOCK_SKEW_AT) process.on(CLOCK_SKEW_AT, move);
else move();
