import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";

/**
 * Locks what a new visit of the customer writes: their entry for the search. Every booking takes this lock before one on
 * technicians; otherwise two bookings could wait for each other.
 */
export const lockCustomer = (db: EntityManager, id: string): Promise<unknown> =>
  rows(db, "SELECT lock_contact_search($1)", [id]);
