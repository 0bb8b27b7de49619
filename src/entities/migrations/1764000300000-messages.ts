import { readFileSync } from "node:fs";
import type { MigrationInterface, QueryRunner } from "typeorm";

/** Messages, the states of a delivery, the owner's webhook. */
export class Messages1764000300000 implements MigrationInterface {
  name = "Messages1764000300000";

  async up(db: QueryRunner): Promise<void> {
    await db.query(readFileSync(new URL("./1764000300000-messages.sql", import.meta.url), "utf8"));
  }

  async down(): Promise<void> {
    throw new Error("Messages have no way back: what was sent stays sent.");
  }
}
