import { readFileSync } from "node:fs";
import type { MigrationInterface, QueryRunner } from "typeorm";

export type SqlMigration = new () => MigrationInterface & { name: string };

/** The migration in `NNNN-name.sql` of this folder. Reverting is not supported: restore a backup instead. */
export function sqlMigration(number: number, name: string): SqlMigration {
  const file = new URL(`./${String(number).padStart(4, "0")}-${name}.sql`, import.meta.url);
  // TypeORM makes an instance of a class, and orders migrations by the last 13 digits of their names.
  return class implements MigrationInterface {
    name = `${name}${String(number).padStart(13, "0")}`;

    async up(db: QueryRunner): Promise<void> {
      await db.query(readFileSync(file, "utf8"));
    }

    async down(): Promise<void> {
      throw new Error(`Migration ${this.name} cannot be reverted: restore a backup instead.`);
    }
  };
}
