import { Column, Entity } from "typeorm";
import { BusinessRecord } from "./columns.ts";

/** Local times per weekday, `null` on days off: `{"monday": ["08:00", "17:00"], "sunday": null}`. */
export type WorkingHours = Record<
  "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday",
  [string, string] | null
>;

@Entity("technician")
export class Technician extends BusinessRecord {
  static override readonly label = (row: Partial<Technician>) => row.name ?? "";

  @Column({ type: "text" })
  name: string;

  @Column({ type: "text", array: true, default: () => "'{}'" })
  skills: string[];

  @Column({ type: "jsonb" })
  working_hours: WorkingHours;

  /** Days off, `[{"from": "2026-12-24", "to": "2026-12-26"}]`, both inclusive. */
  @Column({ type: "jsonb", default: () => "'[]'" })
  time_off: { from: string; to: string }[];

  @Column({ type: "boolean", default: true })
  active: boolean;
}
