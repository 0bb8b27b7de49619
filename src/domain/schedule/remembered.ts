import type { Temporal } from "temporal-polyfill";
import { instantIn, localTime } from "../core/time.ts";

/**
 * Conversions between instants and local times take about a millisecond each, and the search for free times asks for
 * the same ones for every technician. These are remembered, up to a number.
 */
const MOST = 20_000;

function remembered<Value>(compute: (zone: string, key: string) => Value) {
  const known = new Map<string, Value>();
  return (zone: string, key: string): Value => {
    const full = `${zone} ${key}`;
    const found = known.get(full);
    if (found !== undefined) return found;
    if (known.size >= MOST) known.clear();
    const value = compute(zone, key);
    known.set(full, value);
    return value;
  };
}

const instants = remembered((zone, text) => instantIn(zone, text).getTime());
const dates = remembered((zone, at) => localTime(new Date(Number(at)), zone).toPlainDate());

/** The instant of a local date and time, `2026-01-16` and `08:00`. */
export const instantOn = (zone: string, date: string, time: string): Date =>
  new Date(instants(zone, `${date}T${time}`));

/** The local date of an instant. */
export const dateOf = (at: Date, zone: string): Temporal.PlainDate => dates(zone, String(at.getTime()));
