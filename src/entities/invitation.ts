import { Entity, Index, PrimaryColumn, Column, ManyToOne, JoinColumn, type Relation } from "typeorm";
import { User } from "./user.ts";

/** A single-use link for choosing a password. */
@Entity("invitation")
@Index("invitation_user", ["user_id"])
export class Invitation {
  /** SHA-256 of the link's secret, hex. */
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
