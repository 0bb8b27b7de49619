import { type EntityManager, In } from "typeorm";
import { Technician } from "../../entities/technician.ts";
import type { Ticket } from "../../entities/ticket.ts";
import { conflict, notFound, validationFailed } from "../core/errors.ts";
import { findForReference, readById } from "../core/records.ts";
import { listSkills, missingSkills, type RequiredSkill, requiredSkillsOf } from "./required-skills.ts";

const MOST_NAMED = 20;

/**
 * The technicians of whom one is booked: the named one, or all active ones with every required skill. Their rows stay
 * locked until the transaction ends, so bookings of one technician run one after the other; they are locked in the order
 * of their ids, so that two bookings cannot wait for each other. `FOR NO KEY UPDATE` still lets other tickets refer to
 * the rows; `FOR UPDATE` would deadlock with them.
 */
export async function lockCandidates(
  db: EntityManager,
  named: string | null,
  required: readonly RequiredSkill[],
): Promise<Technician[]> {
  if (named !== null) return [await lockTechnician(db, named, required)];
  const ids = qualified(await activeTechnicians(db), required).map(({ id }) => id);
  const locked = await db.find(Technician, {
    where: { id: In(ids), active: true },
    order: { id: "ASC" },
    lock: { mode: "for_no_key_update" },
  });
  const candidates = qualified(locked, required);
  if (candidates.length > 0) return candidates;
  const active = await activeTechnicians(db);
  const message =
    active.length > 0 ? `nobody has the skills: ${listSkills(required)}` : "there are no active technicians";
  throw technicianError(message, active, required);
}

/** Locks every active technician, in the same order: before several bookings in one transaction. */
export const lockTechnicians = (db: EntityManager): Promise<Technician[]> =>
  db.find(Technician, {
    where: { active: true },
    order: { id: "ASC" },
    lock: { mode: "for_no_key_update" },
  });

/** The named technician, locked as above. Throws where they are not active or lack a skill. */
export async function lockTechnician(
  db: EntityManager,
  id: string,
  required: readonly RequiredSkill[],
): Promise<Technician> {
  const technician = await readById(db, Technician, { id, lock: "FOR NO KEY UPDATE" });
  if (!technician) throw notFound("technician", id);
  const missing = missingSkills(technician, required);
  if (technician.active && missing.length === 0) return technician;
  const reason = technician.active ? `lacks a skill: ${listSkills(missing)}` : "is not active";
  throw technicianError(`${technician.name} ${reason}`, await activeTechnicians(db), required);
}

/**
 * The candidates for this visit: the named one, the visit's own, or all who have the skills. A technician who is already
 * booked for it is not checked again: required skills may have changed since then.
 */
export async function lockCandidatesFor(
  db: EntityManager,
  ticket: Ticket,
  named: string | null = ticket.technician_id,
): Promise<Technician[]> {
  const isBooked = ticket.status === "scheduled" || ticket.status === "in_progress";
  const isUnchanged = isBooked && named === ticket.technician_id;
  return lockCandidates(db, named, isUnchanged ? [] : await requiredSkillsOf(db, ticket.id));
}

/** Throws `conflict` if added work requires a skill that the technician of an open visit lacks. */
export async function checkSkillsOfAssigned(
  db: EntityManager,
  ticket: Ticket,
  required: readonly RequiredSkill[],
): Promise<void> {
  if (required.length === 0 || !ticket.technician_id || ticket.status === "completed") return;
  const technician = await findForReference(db, Technician, ticket.technician_id);
  const missing = missingSkills(technician, required);
  if (missing.length === 0) return;
  const all = [...(await requiredSkillsOf(db, ticket.id)), ...required];
  throw conflict(
    `${technician.name}, who is assigned to this visit, lacks a skill: ${listSkills(missing)}.`,
    `Assign another technician first (ticket.assign). ${hintForChoice(await activeTechnicians(db), all)}`,
  );
}

export const qualified = (active: readonly Technician[], required: readonly RequiredSkill[]): Technician[] =>
  active.filter((technician) => missingSkills(technician, required).length === 0);

export const activeTechnicians = (db: EntityManager): Promise<Technician[]> =>
  db.find(Technician, { where: { active: true }, order: { name: "ASC", id: "ASC" } });

const technicianError = (
  message: string,
  active: readonly Technician[],
  required: readonly RequiredSkill[],
) => validationFailed([{ path: "data.technician_id", message }], hintForChoice(active, required));

function hintForChoice(active: readonly Technician[], required: readonly RequiredSkill[]): string {
  if (active.length === 0) return "A person must add a technician first.";
  const candidates = qualified(active, required).slice(0, MOST_NAMED);
  if (candidates.length > 0)
    return `Choose one of: ${candidates.map(({ id, name }) => `${id} (${name})`).join(", ")}.`;
  const skills = [...new Set(required.map(({ skill }) => skill))].join(" and ");
  return `No active technician has ${skills}. A person must add the skill with technician.update.`;
}
