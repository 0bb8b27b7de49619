import type { Plan } from "../../entities/plan.ts";
import { LineItem } from "../../entities/line-item.ts";
import { Technician } from "../../entities/technician.ts";
import type { Ticket } from "../../entities/ticket.ts";
import type { Context } from "../core/action.ts";
import { canonical } from "../core/canonical.ts";
import { readById, update } from "../core/records.ts";
import { settingsOf } from "../settings/current.ts";
import { insertLines } from "../ticket/line-items.ts";
import { missingSkills, requiredSkillsOf } from "../ticket/required-skills.ts";
import { cancelAndRelease } from "./cancel-visits.ts";
import { startOn } from "./due.ts";
import { datesBetween } from "./rule/dates.ts";
import { bookingOf, makeVisit, whoGoes } from "./visits.ts";

interface Rewritten {
  plan: Plan;
  /** The plan as it was. */
  before: Plan;
  /** The first date that changes. */
  from: string;
  /** The columns of the plan that the request changes. */
  changed: ReadonlySet<keyof Plan>;
}

const WHY = "The plan changed.";

/**
 * Makes the visits from a date on what the plan now says. A visit that somebody moved stays as it is; one whose date is gone
 * is cancelled. What somebody wrote on a single visit stays. Returns hints that name such visits. The caller has locked them.
 */
export async function rewriteVisits(
  context: Context,
  visits: readonly Ticket[],
  change: Rewritten,
): Promise<string[]> {
  const { plan, from } = change;
  const hints: string[] = [];
  const settings = await settingsOf(context.db);
  for (const visit of visits) {
    const { plan_date } = visit;
    if (plan_date === null || plan_date < from || isMoved(visit)) continue;
    if (datesBetween(plan, { from: plan_date, to: plan_date }).length === 0) {
      await cancelAndRelease(context, visit, WHY);
      continue;
    }
    const start = startOn(plan, plan_date, settings);
    if (start <= context.now) continue;
    const kept: readonly Own[] = await ownColumns(context, visit, change);
    const changed = new Set([...change.changed].filter((column) => !kept.some((each) => each === column)));
    await rewriteVisit(context, visit, { ...change, changed, start, date: plan_date });
    if (kept.length > 0)
      hints.push(`Visit #${visit.number} keeps its own ${kept.map((column) => WORDS[column]).join(", ")}.`);
  }
  return hints;
}

/** What somebody may write on a single visit. */
const WORDS = {
  notes: "notes",
  address_id: "address",
  duration_minutes: "duration",
  line_items: "work",
} as const;
type Own = keyof typeof WORDS;

/** The changed columns in which the visit differs from what the plan said before. */
async function ownColumns(context: Context, visit: Ticket, { before, changed }: Rewritten): Promise<Own[]> {
  const own: Own[] = [];
  for (const column of ["notes", "address_id", "duration_minutes"] as const)
    if (changed.has(column) && visit[column] !== before[column]) own.push(column);
  if (changed.has("line_items") && (await hasOwnLines(context, visit, before))) own.push("line_items");
  return own;
}

async function hasOwnLines({ db }: Context, { id }: Ticket, { line_items }: Plan): Promise<boolean> {
  const lines = await db.find(LineItem, { where: { ticket_id: id } });
  const planned = line_items.map(({ service_id, ...line }) =>
    contentOf({ service_id: service_id ?? null, ...line }),
  );
  return canonical(lines.map(contentOf).sort()) !== canonical(planned.sort());
}

type Line = Pick<LineItem, "description" | "unit_price_cents" | "discount_cents" | "service_id"> & {
  quantity: number | string;
};

const contentOf = ({ description, quantity, unit_price_cents, discount_cents, service_id }: Line): string =>
  canonical([description, Number(quantity), unit_price_cents, discount_cents, service_id]);

const isMoved = ({ window_start, planned_start }: Ticket): boolean =>
  window_start !== null && planned_start !== null && window_start.getTime() !== planned_start.getTime();

/** What says when a visit is and who can go. */
const BOOKING: readonly (keyof Plan)[] = ["local_time", "duration_minutes", "technician_id", "line_items"];

async function rewriteVisit(
  context: Context,
  visit: Ticket,
  { plan, changed, start, date }: Rewritten & { start: Date; date: string },
): Promise<void> {
  const { notes, address_id } = plan;
  const duration_minutes = changed.has("duration_minutes") ? plan.duration_minutes : visit.duration_minutes;
  if (changed.has("line_items")) await replaceLines(context, visit, plan);
  const values: Partial<Ticket> = {
    ...(changed.has("notes") && { notes }),
    ...(changed.has("address_id") && { address_id }),
    ...(changed.has("duration_minutes") && { duration_minutes }),
  };
  if (!BOOKING.some((column) => changed.has(column)) && visit.status === "scheduled") {
    if (Object.keys(values).length > 0) await update(context, visit, values);
    return;
  }
  const first = changed.has("technician_id") ? null : await whoStays(context, visit);
  const found = await whoGoes(context, visit, { plan: { ...plan, duration_minutes }, start, first });
  if ("reason" in found && visit.status === "scheduled") {
    await cancelAndRelease(context, visit, WHY);
    return makeVisit(context, plan, date);
  }
  await update(context, visit, { ...values, planned_start: start, ...bookingOf(visit, found) });
}

/** Who was booked, unless they lack a skill that the visit needs now. */
async function whoStays({ db }: Context, { id, technician_id }: Ticket): Promise<string | null> {
  const booked = technician_id === null ? undefined : await readById(db, Technician, { id: technician_id });
  return booked && missingSkills(booked, await requiredSkillsOf(db, id)).length === 0 ? booked.id : null;
}

async function replaceLines(context: Context, { id }: Ticket, { line_items }: Plan): Promise<void> {
  await context.db.remove(await context.db.find(LineItem, { where: { ticket_id: id } }));
  await insertLines(context, id, line_items);
}
