import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from "typeorm";
import { User } from "./user.ts";

/** The head of the chain was mailed to an owner. Insert-only for the application. */
@Entity("head_mail")
@Index("head_mail_user", ["user_id", "sent_at"])
export class HeadMail {
  @PrimaryGeneratedColumn({ type: "bigint" })
  id: number;

  @Column({ type: "text" })
  user_id: string;

  @ManyToOne(() => User, { onDelete: "CASCADE" })
  @JoinColumn({ name: "user_id" })
  user?: Relation<User>;

  @Column({ type: "bytea" })
  hash: Buffer;

  @Column({ type: "timestamptz", default: () => "clock_timestamp()" })
  sent_at: Date;
}
