import {
  Check,
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  type Relation,
} from "typeorm";

/** A person who signs in. */
@Entity("user")
@Check("user_role", "role IN ('owner', 'office', 'technician')")
export class User {
  @PrimaryColumn({ type: "text" })
  id: string;

  /** Lower case. */
  @Column({ type: "text", unique: true })
  email: string;

  @Column({ type: "text" })
  name: string;

  @Column({ type: "text" })
  role: "owner" | "office" | "technician";

  /** argon2id; null until they have chosen a password: nobody signs in without one. */
  @Column({ type: "text", nullable: true })
  password_hash: string | null;

  @Column({ type: "boolean", default: true })
  active: boolean;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;
}

/** A person's sign-in. Only hashes are kept: a copy of this table opens nothing. */
@Entity("session")
@Index("session_expiry", ["expires_at"])
export class Session {
  /** SHA-256 of the cookie's value, hex. */
  @PrimaryColumn({ type: "text" })
  token_hash: string;

  @Column({ type: "text" })
  user_id: string;

  @ManyToOne(() => User, { onDelete: "CASCADE" })
  @JoinColumn({ name: "user_id" })
  user?: Relation<User>;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;

  @Column({ type: "timestamptz" })
  expires_at: Date;
}

/** A link by which a person chooses a password, once. */
@Entity("invitation")
@Index("invitation_user", ["user_id"])
export class Invitation {
  /** SHA-256 of what the link carries, hex. */
  @PrimaryColumn({ type: "text" })
  token_hash: string;

  @Column({ type: "text" })
  user_id: string;

  @ManyToOne(() => User, { onDelete: "CASCADE" })
  @JoinColumn({ name: "user_id" })
  user?: Relation<User>;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;

  @Column({ type: "timestamptz" })
  expires_at: Date;
}

/** A machine's bearer token: always an agent. */
@Entity("api_token")
export class ApiToken {
  @PrimaryColumn({ type: "text" })
  id: string;

  @Column({ type: "text" })
  name: string;

  /** SHA-256 of the token, hex. */
  @Column({ type: "text", unique: true })
  token_hash: string;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;

  @Column({ type: "timestamptz", nullable: true })
  last_used_at: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  revoked_at: Date | null;
}

/** A refused attempt: who, where, why. Insert-only for the application. */
@Entity("security_event")
@Index("security_event_at", ["at"])
export class SecurityEvent {
  @PrimaryGeneratedColumn({ type: "bigint" })
  id: number;

  @Column({ type: "timestamptz", default: () => "now()" })
  at: Date;

  /** `agent:token_…`, `user:user_…` or `anonymous`. */
  @Column({ type: "text" })
  principal: string;

  /** `POST /api/authorizations/auth_…` */
  @Column({ type: "text" })
  route: string;

  @Column({ type: "text" })
  reason: string;

  @Column({ type: "text", nullable: true })
  ip: string | null;
}
