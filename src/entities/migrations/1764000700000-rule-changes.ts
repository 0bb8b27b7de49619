import type { MigrationInterface, QueryRunner } from "typeorm";

/** Who narrowed or revoked a rule, when, from what to what. */
export class RuleChanges1764000700000 implements MigrationInterface {
  name = "RuleChanges1764000700000";

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE rule_change (
        id bigserial NOT NULL,
        rule_id text NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        principal text NOT NULL,
        principal_kind text NOT NULL,
        principal_name text NOT NULL,
        before jsonb NOT NULL,
        after jsonb,
        CONSTRAINT rule_change_pk PRIMARY KEY (id),
        CONSTRAINT rule_change_rule_id_fk FOREIGN KEY (rule_id) REFERENCES rule (id)
      );
      CREATE INDEX rule_change_rule ON rule_change (rule_id);
      GRANT SELECT, INSERT ON rule_change TO countersign_app;
      GRANT USAGE ON SEQUENCE rule_change_id_seq TO countersign_app`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("DROP TABLE rule_change");
  }
}
