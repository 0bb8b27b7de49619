import { Entity, Index, PrimaryColumn, Column, ManyToOne, JoinColumn, type Relation } from "typeorm";
import { User } from "./user.ts";

/** A browser in which a user has signed in before. Its cookie gives no access: its attempts are only counted apart. */
@Entity("known_device")
@Index("known_device_user", ["user_id"])
@Index("known_device_expiry", ["expires_at"])
export class KnownDevice {
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
