import { Entity, Index, PrimaryColumn, Column } from "typeorm";

/** Bearer token of an agent. */
@Entity("api_token")
@Index("api_token_name", { synchronize: false })
export class ApiToken {
  @PrimaryColumn({ type: "text" })
  id: string;

  /** Unique without regard to case, also among revoked tokens. */
  @Column({ type: "text" })
  name: string;

  /** SHA-256 of the token, hex. */
  @Column({ type: "text", unique: true })
  token_hash: string;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;

  @Column({ type: "timestamptz", nullable: true })
  last_used_at: Date | null;

  /** Null: it does not expire. */
  @Column({ type: "timestamptz", nullable: true })
  expires_at: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  revoked_at: Date | null;
}
