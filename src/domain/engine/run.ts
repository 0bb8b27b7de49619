import type { EntityManager } from "typeorm";
import type { Authorization } from "../../entities/authorization.ts";
import type { Job } from "../../entities/job.ts";
import type { Action, SentChannel } from "../core/action.ts";
import type { Level } from "../core/permission.ts";
import type { Registry } from "../core/registry.ts";

/** The columns of a job row that its execution reads. */
export type ClaimedJob = Pick<
  Job,
  | "id"
  | "action"
  | "input"
  | "reasoning"
  | "dry_run"
  | "principal"
  | "principal_kind"
  | "principal_name"
  | "status"
> & { claimed_at: Date };

/** The step that a job has just finished; reported to `ExecuteOptions.trace`. */
export type TraceStep = "claim" | "judge" | "handler" | "rollback" | "commit";

/** A claimed job, ready to be attempted. */
export interface Run {
  db: EntityManager;
  registry: Registry;
  job: ClaimedJob;
  action: Action;
  /** Parsed by the action's schema. */
  input: unknown;
  /** The approved authorization, where the job was parked before. */
  authorization: Authorization | null;
  /** The highest level that may run without asking (again). */
  allowed: Level;
  now: Date;
  /** Runs without savepoints: any refusal aborts the whole transaction. */
  fastPath: boolean;
  /** The channels that are configured. */
  channels: ReadonlySet<SentChannel>;
  /** Base of links in messages. */
  publicUrl: string;
  trace?: ((step: TraceStep) => void) | undefined;
}

/**
 * `commit` stops at the first call above the allowed level. `approved` runs what a person approved and captures it.
 * `preview` judges every call without stopping, captures the changes and rolls them back.
 */
export type Mode = "commit" | "approved" | "preview";
