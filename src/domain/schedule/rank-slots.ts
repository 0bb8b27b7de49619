import type { TechnicianCalendar } from "./calendar.ts";

/** One technician at one start, with what makes it better or worse than others. */
export interface RankedSlot {
  technician: TechnicianCalendar["technician"];
  start: Date;
  end: Date;
  /** Milliseconds from the exact time that was asked for; 0 where none was. */
  off: number;
  /** Sides, 0 to 2, on which it leaves a gap to the next visit or to the edge of the working hours. */
  gaps: number;
  /** How far the way is: 0 the same postal code, 1 the same area, 2 another or unknown. */
  way: number;
}

/** Closest to the time that was asked for, then the fewest gaps, then the least way, then the earliest, then by name. */
export function rankSlots(slots: readonly RankedSlot[]): RankedSlot[] {
  return [...slots].sort(
    (a, b) =>
      a.off - b.off ||
      a.gaps - b.gaps ||
      a.way - b.way ||
      a.start.getTime() - b.start.getTime() ||
      (a.technician.name < b.technician.name ? -1 : 1),
  );
}

/** The best slot of each start, in the same order. */
export function onePerStart(ranked: readonly RankedSlot[]): RankedSlot[] {
  const seen = new Set<number>();
  return ranked.filter(({ start }) => {
    const isNew = !seen.has(start.getTime());
    seen.add(start.getTime());
    return isNew;
  });
}

/** Why a slot is where it is in the list, for a person. */
export function whySlot({ off, gaps, way }: RankedSlot, isExact: boolean): string {
  const reasons = [
    ...(isExact && off === 0 ? ["the time asked for"] : []),
    ...(gaps === 0 ? ["leaves no gap"] : gaps === 1 ? ["next to another visit or the edge of the day"] : []),
    ...(way === 0 ? ["the visit before or after is in the same postal code"] : []),
    ...(way === 1 ? ["the visit before or after is in the same area"] : []),
  ];
  return reasons.length > 0 ? reasons.join("; ") : "free";
}
