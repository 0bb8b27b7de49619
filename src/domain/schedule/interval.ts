/** A half-open time span: it includes `from` and excludes `to`. */
export interface Interval {
  from: Date;
  to: Date;
}

export const overlaps = (one: Interval, other: Interval): boolean =>
  one.from < other.to && other.from < one.to;
