import type { EntityManager } from "typeorm";
import { Technician } from "../../entities/technician.ts";
import { notFound, validationFailed } from "../core/errors.ts";

const MOST_NAMED = 20;

/**
 * The technician to book: the one named, else the only active one. The row stays locked until the transaction ends, so
 * that bookings of one technician follow each other; tickets may still refer to it, or two who do would deadlock here.
 */
export async function lockTechnician(db: EntityManager, named: string | null): Promise<Technician> {
  const id = named ?? (await onlyActive(db));
  const technician = await db.findOne(Technician, { where: { id }, lock: { mode: "for_no_key_update" } });
  if (!technician) throw notFound("technician", id);
  if (technician.active) return technician;
  throw chooseOne(`${technician.name} is not active any more`, await activeTechnicians(db));
}

async function onlyActive(db: EntityManager): Promise<string> {
  const active = await activeTechnicians(db);
  const [only, ...others] = active;
  if (only && others.length === 0) return only.id;
  throw chooseOne(only ? "is needed: there are several technicians" : "there is nobody to book", active);
}

const activeTechnicians = (db: EntityManager): Promise<Technician[]> =>
  db.find(Technician, { where: { active: true }, order: { name: "ASC", id: "ASC" }, take: MOST_NAMED });

const chooseOne = (message: string, active: readonly Technician[]) =>
  validationFailed(
    [{ path: "data.technician_id", message }],
    active.length > 0
      ? `Choose one of: ${active.map(({ id, name }) => `${id} (${name})`).join(", ")}.`
      : "A person must add a technician first.",
  );
