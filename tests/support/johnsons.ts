import type { DataSource } from "typeorm";
import { aContact, aTicket, anAddress, aTechnician, withJob } from "./factories.ts";

/** Inserts the guide's customer in one transaction: 15 completed tickets worth $4,500. Resolves with the id. */
export const johnsons = (db: DataSource, name = "Johnson Family"): Promise<string> =>
  withJob(db, async (manager) => {
    const { id: customer_id } = await aContact(manager, { name });
    const { id: address_id } = await anAddress(manager, { contact_id: customer_id });
    const { id: technician_id } = await aTechnician(manager);
    const line_items = [{ description: "Window cleaning", unit_price_cents: 30_000 }];
    const visit = { customer_id, address_id, technician_id, status: "completed" as const, line_items };
    for (let visits = 0; visits < 15; visits++) await aTicket(manager, visit);
    return customer_id;
  });
