import { Column, Entity } from "typeorm";
import { BusinessRecord } from "./columns.ts";

/** Local times at which work begins and ends: `["08:00", "17:00"]` */
export type LocalSpan = [string, string];

/**
 * Local times per weekday: one span, several in time order, or `null` on days off:
 * `{"monday": ["08:00", "17:00"], "friday": [["08:00", "12:00"], ["13:00", "17:00"]], "sunday": null}`
 */
export type WorkingHours = Record<
  "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday",
  LocalSpan | LocalSpan[] | null
>;

/** Local days, both inclusive; with a time (`14:00-16:00`) only that part of each. */
export interface TimeOff {
  from: string;
  to: string;
  time?: string;
}

@Entity("technician")
export class Technician extends BusinessRecord {
  static override readonly label = (row: Partial<Technician>) => row.name ?? "";

  @Column({ type: "text" })
  name: string;

  @Column({ type: "text", array: true, default: () => "'{}'" })
  skills: string[];

  @Column({ type: "jsonb" })
  working_hours: WorkingHours;

  @Column({ type: "jsonb", default: () => "'[]'" })
  time_off: TimeOff[];

  @Column({ type: "boolean", default: true })
  active: boolean;
}
