import type { DataSource } from "typeorm";
import { rows } from "../database/sql.ts";
import type { Authorization } from "../entities/authorization.ts";
import type { Change } from "../entities/change.ts";
import { Delivery } from "../entities/delivery.ts";
import { Job } from "../entities/job.ts";

const WIDTH = 18;

/** Longer values are truncated. */
const MAX_VALUE = 160;

type Line = readonly [label: string, value: string];

/** One job for a developer: its row, why it needed a decision, what it changed, how long each step took. */
export async function describeJob(db: DataSource, id: string): Promise<string | null> {
  const job = await db.getRepository(Job).findOneBy({ id });
  if (!job) return null;
  const authorizations = await rows<Authorization>(
    db.manager,
    'SELECT * FROM "authorization" WHERE job_id = $1 ORDER BY created_at, id',
    [id],
  );
  const changes = await rows<Change>(db.manager, "SELECT * FROM change WHERE job_id = $1 ORDER BY id", [id]);
  const deliveries = await db.getRepository(Delivery).find({ where: { job_id: id }, order: { id: "ASC" } });
  const sections: [string, Line[]][] = [
    ["Job", jobLines(job)],
    ["Causes", authorizations.flatMap(authorizationLines)],
    ["Changes", changes.flatMap(changeLines)],
    ["Deliveries", deliveries.map(deliveryLine)],
    ["Timings", timingLines(job, authorizations)],
  ];
  return sections.map(([title, lines]) => section(title, lines)).join("\n");
}

function section(title: string, lines: readonly Line[]): string {
  const body = lines.map(([label, value]) => `  ${label.padEnd(WIDTH)} ${value}`);
  return [title, ...(body.length > 0 ? body : ["  none"]), ""].join("\n");
}

const jobLines = (job: Job): Line[] => [
  ["id", job.id],
  ["action", `${job.action}${job.dry_run ? " (dry run)" : ""}`],
  ["status", job.status],
  ["requested by", `${job.principal} (${job.principal_name})`],
  ["input", short(job.input)],
  ["reasoning", short(job.reasoning)],
  ["idempotency key", short(job.idempotency_key)],
  ["level", short(job.level)],
  ["allowed by", short(job.allowed_by)],
  ["result", short(job.result)],
  ["error", short(job.error)],
  ["dispatches", `${job.dispatches}, ${job.resends} of them because the queue had lost it`],
  ["starts after crash", String(job.starts)],
];

function authorizationLines(authorization: Authorization): Line[] {
  const { id, status, causes, reason, decided_by_name, note, expires_at } = authorization;
  const decided = decided_by_name ? ` by ${decided_by_name}` : "";
  return [
    [status, `${id}${decided}, expires ${time(expires_at)}`],
    ["", `${causes.join(", ")}: ${reason}`],
    ...(note ? [["", `note: ${note}`] as const] : []),
  ];
}

function changeLines({ operation, table_name, record_id, before, after }: Change): Line[] {
  const fields = Object.keys({ ...before, ...after }).filter(
    (field) => JSON.stringify(before?.[field]) !== JSON.stringify(after?.[field]),
  );
  const head: Line = [operation, `${table_name} ${record_id}`];
  if (operation !== "update") return [head];
  return [
    head,
    ...fields.map((field): Line => ["", `${field}: ${short(before?.[field])} → ${short(after?.[field])}`]),
  ];
}

const deliveryLine = ({ id, kind, status, attempts, error }: Delivery): Line => [
  status,
  `${kind} ${id}, ${attempts} ${attempts === 1 ? "attempt" : "attempts"}${error ? `: ${error}` : ""}`,
];

/**
 * Each step with the time since the previous one. Not sorted by time: `parked` is the start of the transaction that sets
 * `started`.
 */
function timingLines(job: Job, authorizations: readonly Authorization[]): Line[] {
  const moments: (readonly [label: string, at: Date | null])[] = [
    ["accepted", job.created_at],
    ["started", job.started_at],
    ...authorizations.flatMap(({ created_at, decided_at }) => [
      ["parked", created_at] as const,
      ["decided", decided_at] as const,
    ]),
    ["finished", job.finished_at],
  ];
  const known = moments.flatMap(([label, at]) => (at ? [{ label, at }] : []));
  return known.map(({ label, at }, index): Line => {
    const before = known[index - 1]?.at;
    const passedMs = before && Math.max(0, at.getTime() - before.getTime());
    return [label, `${time(at)}${passedMs === undefined ? "" : `  +${passedMs.toLocaleString("en-US")} ms`}`];
  });
}

const time = (at: Date): string => at.toISOString();

function short(value: unknown): string {
  if (value === null || value === undefined) return "-";
  const text = (typeof value === "string" ? value : JSON.stringify(value)).replace(/\s+/g, " ");
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}… (${text.length} characters)` : text;
}
