import { Check, Column, Entity, Unique } from "typeorm";
import { BusinessRecord } from "./columns.ts";

/** A message template, rendered for each customer. */
@Entity("template")
@Unique("template_name_channel_key", ["name", "channel"])
@Check("template_channel", "channel IN ('email', 'sms')")
@Check("template_subject", "(channel = 'email') = (subject IS NOT NULL)")
export class Template extends BusinessRecord {
  static override readonly constraints = {
    template_name_channel_key:
      "A template with this name and channel already exists. Archived templates count, too.",
    template_subject: "An email template needs a subject; an SMS template has none.",
  };
  static override readonly label = (row: Partial<Template>) => row.name ?? "";

  @Column({ type: "text" })
  name: string;

  @Column({ type: "text" })
  channel: "email" | "sms";

  /** Mustache, like the body. */
  @Column({ type: "text", nullable: true })
  subject: string | null;

  @Column({ type: "text" })
  body: string;

  @Column({ type: "timestamptz", nullable: true })
  archived_at: Date | null;
}
