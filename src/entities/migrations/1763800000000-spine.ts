import { readFileSync } from "node:fs";
import type { MigrationInterface, QueryRunner } from "typeorm";

const sql = (name: string) => readFileSync(new URL(`./1763800000000-${name}.sql`, import.meta.url), "utf8");

/** The first schema: records, jobs, decisions, and the rules that the database keeps. */
export class Spine1763800000000 implements MigrationInterface {
  name = "Spine1763800000000";

  async up(db: QueryRunner): Promise<void> {
    await db.query(sql("tables"));
    await db.query(sql("guards"));
  }

  async down(): Promise<void> {
    throw new Error("The first migration has no way back: drop the database instead.");
  }
}
