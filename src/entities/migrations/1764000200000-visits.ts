import { readFileSync } from "node:fs";
import type { MigrationInterface, QueryRunner } from "typeorm";

/** Invoices; duplicates found and forwarded. */
export class Visits1764000200000 implements MigrationInterface {
  name = "Visits1764000200000";

  async up(db: QueryRunner): Promise<void> {
    await db.query(readFileSync(new URL("./1764000200000-visits.sql", import.meta.url), "utf8"));
  }

  async down(): Promise<void> {
    throw new Error("Invoices are kept by law: restore a backup instead.");
  }
}
