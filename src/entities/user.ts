import { Check, Column, Entity, PrimaryColumn } from "typeorm";

/** A person who signs in. */
@Entity("user")
@Check("user_role", "role IN ('owner', 'office', 'technician')")
export class User {
  /** As `BusinessRecord.constraints`. */
  static readonly constraints = { user_email_key: "Another user already signs in with this e-mail." };

  @PrimaryColumn({ type: "text" })
  id: string;

  /** Lower case. */
  @Column({ type: "text", unique: true })
  email: string;

  @Column({ type: "text" })
  name: string;

  @Column({ type: "text" })
  role: "owner" | "office" | "technician";

  /** argon2id; null until the person has chosen a password and can sign in. */
  @Column({ type: "text", nullable: true })
  password_hash: string | null;

  @Column({ type: "boolean", default: true })
  active: boolean;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;
}
