import type { DataSource } from "typeorm";
import type { Clock } from "../domain/core/clock.ts";
import type { Registry } from "../domain/core/registry.ts";
import type { Send } from "./channels/channel.ts";

/** Dependencies of a schedule. Business records change only through `runSystemJob`. */
export interface ScheduleParts {
  db: DataSource;
  registry: Registry;
  clock: Clock;
  /** Undefined if no mail server is set up. */
  email?: Send | undefined;
}

/** Periodic work. BullMQ's scheduler, the doctor's check and the metrics derive from this definition. */
export interface Schedule {
  /** Lower case with hyphens; used as the scheduler's id and as the label of its metrics. */
  name: string;
  everyMs: number;
  /** Must be idempotent and determine itself what is due: it may run twice or late. */
  run(parts: ScheduleParts): Promise<void>;
}

export function defineSchedule(schedule: Schedule): Schedule {
  if (!/^[a-z]+(-[a-z]+)*$/.test(schedule.name))
    throw new Error(`The schedule "${schedule.name}" needs a name in lower case with hyphens.`);
  if (!(schedule.everyMs >= 1_000)) throw new Error(`The schedule "${schedule.name}" needs everyMs >= 1000.`);
  return schedule;
}
