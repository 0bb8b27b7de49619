import type { DataSource } from "typeorm";
import { PERSONAL_TABLES } from "../entities/personal.ts";
import { rows } from "./sql.ts";

/** Copies the declarations of src/entities/personal.ts to the table that the SQL functions for export and erasure read. */
export async function writePersonalData(owner: DataSource): Promise<void> {
  await owner.transaction(async (db) => {
    await rows(db, "DELETE FROM personal_data");
    for (const { table, owners, erased } of PERSONAL_TABLES) {
      const blank = erased === "delete" ? null : JSON.stringify(erased);
      await rows(db, "INSERT INTO personal_data (table_name, owners, blank) VALUES ($1, $2, $3)", [
        table,
        Object.keys(owners),
        blank,
      ]);
    }
  });
}
