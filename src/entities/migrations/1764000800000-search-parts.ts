import { readFileSync } from "node:fs";
import type { MigrationInterface, QueryRunner } from "typeorm";

/** The table that customers are found by, in parts. */
export class SearchParts1764000800000 implements MigrationInterface {
  name = "SearchParts1764000800000";

  async up(db: QueryRunner): Promise<void> {
    await db.query(readFileSync(new URL("./1764000800000-search-parts.sql", import.meta.url), "utf8"));
  }

  async down(): Promise<void> {
    throw new Error("The search has no way back: drop the database instead.");
  }
}
