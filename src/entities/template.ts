import { Check, Column, Entity } from "typeorm";
import { BusinessRecord } from "./columns.ts";

/** A message that is written once and filled in for each customer. */
@Entity("template")
@Check("template_channel", "channel IN ('email', 'sms')")
@Check("template_subject", "(channel = 'email') = (subject IS NOT NULL)")
export class Template extends BusinessRecord {
  static override readonly label = (row: Partial<Template>) => row.name ?? "";

  @Column({ type: "text", unique: true })
  name: string;

  @Column({ type: "text" })
  channel: "email" | "sms";

  /** Mustache, as the body. */
  @Column({ type: "text", nullable: true })
  subject: string | null;

  @Column({ type: "text" })
  body: string;

  @Column({ type: "timestamptz", nullable: true })
  archived_at: Date | null;
}
