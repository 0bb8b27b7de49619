import { Entity, Index, PrimaryColumn, Column, ManyToOne, JoinColumn, type Relation } from "typeorm";
import { User } from "./user.ts";

/** A person's session. Only hashes are stored, so that a leaked table gives no access. */
@Entity("session")
@Index("session_expiry", ["expires_at"])
@Index("session_by_user", ["user_id"])
export class Session {
  /** SHA-256 of the cookie's value, hex. */
  @PrimaryColumn({ type: "text" })
  token_hash: string;

  /** May be shown to its user. */
  @Column({ type: "text", unique: true })
  id: string;

  @Column({ type: "text" })
  user_id: string;

  @ManyToOne(() => User, { onDelete: "CASCADE" })
  @JoinColumn({ name: "user_id" })
  user?: Relation<User>;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;

  @Column({ type: "timestamptz" })
  expires_at: Date;

  /** The last request that a person made, to the minute; an open page's own refreshes do not count. */
  @Column({ type: "timestamptz", default: () => "now()" })
  last_seen_at: Date;

  /** When the password was last checked. */
  @Column({ type: "timestamptz", default: () => "now()" })
  password_at: Date;

  /** Where the sign-in came from. */
  @Column({ type: "text", nullable: true })
  ip: string | null;

  @Column({ type: "text", nullable: true })
  user_agent: string | null;
}
