import type { EntityManager } from "typeorm";
import { Technician } from "../../entities/technician.ts";
import type { Ticket } from "../../entities/ticket.ts";
import { conflict, notFound, validationFailed } from "../core/errors.ts";
import { readById } from "../core/records.ts";
import { mustExist } from "../core/refer.ts";
import { inWords, lacking, type Need, needsOf } from "./skills.ts";

const MOST_NAMED = 20;

/**
 * The technician to book: the one named, else the only active one who has every skill needed. The row stays locked until
 * the transaction ends, so that bookings of one technician follow each other; tickets may still refer to it, or two who
 * do would deadlock here.
 */
export async function lockTechnician(
  db: EntityManager,
  named: string | null,
  needs: readonly Need[],
): Promise<Technician> {
  const id = named ?? (await onlyFitting(db, needs));
  const technician = await readById(db, Technician, id, "FOR NO KEY UPDATE");
  if (!technician) throw notFound("technician", id);
  const lacks = lacking(technician, needs);
  if (technician.active && lacks.length === 0) return technician;
  const why = technician.active ? `lacks a skill: ${inWords(lacks)}` : "is not active any more";
  throw chooseOne(`${technician.name} ${why}`, await activeTechnicians(db), needs);
}

/** Whoever goes to a visit, locked as above: the one named, else the visit's own. Who is booked for it already stays. */
export async function lockTechnicianOf(
  db: EntityManager,
  ticket: Ticket,
  named: string | null = ticket.technician_id,
): Promise<Technician> {
  const isBooked = ticket.status === "scheduled" || ticket.status === "in_progress";
  const stays = isBooked && named === ticket.technician_id; // Whatever was said of skills since then.
  return lockTechnician(db, named, stays ? [] : await needsOf(db, ticket.id));
}

/** `conflict` where more work needs a skill that whoever goes to the open visit lacks. */
export async function mustManage(db: EntityManager, ticket: Ticket, needs: readonly Need[]): Promise<void> {
  if (needs.length === 0 || !ticket.technician_id || ticket.status === "completed") return;
  const technician = await mustExist(db, Technician, ticket.technician_id);
  const lacks = lacking(technician, needs);
  if (lacks.length === 0) return;
  const all = [...(await needsOf(db, ticket.id)), ...needs];
  throw conflict(
    `${technician.name}, who goes to this visit, lacks a skill: ${inWords(lacks)}.`,
    `Assign somebody else first (ticket.assign). ${whoFits(await activeTechnicians(db), all)}`,
  );
}

const fitting = (active: readonly Technician[], needs: readonly Need[]): Technician[] =>
  active.filter((technician) => lacking(technician, needs).length === 0);

async function onlyFitting(db: EntityManager, needs: readonly Need[]): Promise<string> {
  const active = await activeTechnicians(db);
  const [only, ...others] = fitting(active, needs);
  if (only && others.length === 0) return only.id;
  if (only) throw chooseOne("is needed: there are several technicians", active, needs);
  const nobody = active.length > 0 ? `nobody has the skills: ${inWords(needs)}` : "there is nobody to book";
  throw chooseOne(nobody, active, needs);
}

const activeTechnicians = (db: EntityManager): Promise<Technician[]> =>
  db.find(Technician, { where: { active: true }, order: { name: "ASC", id: "ASC" } });

const chooseOne = (message: string, active: readonly Technician[], needs: readonly Need[]) =>
  validationFailed([{ path: "data.technician_id", message }], whoFits(active, needs));

function whoFits(active: readonly Technician[], needs: readonly Need[]): string {
  if (active.length === 0) return "A person must add a technician first.";
  const fit = fitting(active, needs).slice(0, MOST_NAMED);
  if (fit.length > 0) return `Choose one of: ${fit.map(({ id, name }) => `${id} (${name})`).join(", ")}.`;
  const skills = [...new Set(needs.map(({ skill }) => skill))].join(" and ");
  return `Nobody active has ${skills}: a person gives a technician the skill with technician.update.`;
}
