import type { MigrationInterface, QueryRunner } from "typeorm";

/** One-time links by which a person chooses a password. */
export class Invitation1764000600000 implements MigrationInterface {
  name = "Invitation1764000600000";

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE invitation (
        token_hash text NOT NULL,
        user_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        CONSTRAINT invitation_pk PRIMARY KEY (token_hash),
        CONSTRAINT invitation_user_id_fk FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
      );
      CREATE INDEX invitation_user ON invitation (user_id);
      GRANT SELECT, INSERT, DELETE ON invitation TO countersign_app`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("DROP TABLE invitation");
  }
}
