import { readFileSync } from "node:fs";
import type { MigrationInterface, QueryRunner } from "typeorm";

/** One customer's whole file, and how what is in it is emptied for good. */
export class Erase1764000500000 implements MigrationInterface {
  name = "Erase1764000500000";

  async up(db: QueryRunner): Promise<void> {
    await db.query(readFileSync(new URL("./1764000500000-erase.sql", import.meta.url), "utf8"));
  }

  async down(): Promise<void> {
    throw new Error("What was erased has no way back.");
  }
}
