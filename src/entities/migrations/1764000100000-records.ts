import { readFileSync } from "node:fs";
import type { MigrationInterface, QueryRunner } from "typeorm";

/** Services, leads, the waitlist, attributes, templates and holidays; what settings still lacked. */
export class Records1764000100000 implements MigrationInterface {
  name = "Records1764000100000";

  async up(db: QueryRunner): Promise<void> {
    await db.query(readFileSync(new URL("./1764000100000-records.sql", import.meta.url), "utf8"));
  }

  async down(): Promise<void> {
    throw new Error("These records have no way back: restore a backup instead.");
  }
}
