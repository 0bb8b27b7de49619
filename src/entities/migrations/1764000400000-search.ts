import { readFileSync } from "node:fs";
import type { MigrationInterface, QueryRunner } from "typeorm";

/** Search over all contacts, and an index for each order a list comes in. */
export class Search1764000400000 implements MigrationInterface {
  name = "Search1764000400000";

  async up(db: QueryRunner): Promise<void> {
    await db.query(readFileSync(new URL("./1764000400000-search.sql", import.meta.url), "utf8"));
  }

  async down(): Promise<void> {
    throw new Error("The search has no way back: drop the database instead.");
  }
}
