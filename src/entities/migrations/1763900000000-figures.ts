import type { MigrationInterface, QueryRunner } from "typeorm";

/** What /metrics reads: how often the relay had to help, and the jobs that ended since it looked last. */
export class Figures1763900000000 implements MigrationInterface {
  name = "Figures1763900000000";

  async up(db: QueryRunner): Promise<void> {
    await db.query("ALTER TABLE job ADD resends integer NOT NULL DEFAULT 0");
    await db.query("CREATE INDEX job_ended ON job (finished_at) WHERE finished_at IS NOT NULL");
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("DROP INDEX job_ended");
    await db.query("ALTER TABLE job DROP COLUMN resends");
  }
}
