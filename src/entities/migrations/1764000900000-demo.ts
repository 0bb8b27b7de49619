import type { MigrationInterface, QueryRunner } from "typeorm";

const tellOf = (principals: string) => `
  DROP TRIGGER job_webhook ON job;
  CREATE TRIGGER job_webhook AFTER UPDATE ON job
    FOR EACH ROW WHEN (OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL AND NEW.principal NOT IN (${principals}))
    EXECUTE FUNCTION tell_webhook()`;

/** The demo sends nothing outside: its jobs are no news for the owner's webhook either. */
export class Demo1764000900000 implements MigrationInterface {
  name = "Demo1764000900000";

  async up(db: QueryRunner): Promise<void> {
    await db.query(tellOf("'system:deliveries', 'system:demo'"));
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(tellOf("'system:deliveries'"));
  }
}
