import { Check, Column, Entity, PrimaryColumn } from "typeorm";

/** The owner's webhook: at most one row. */
@Entity("webhook_endpoint")
@Check("webhook_endpoint_single", "id = 'webhook'")
export class WebhookEndpoint {
  @PrimaryColumn({ type: "text" })
  id: "webhook";

  @Column({ type: "text" })
  url: string;

  /** Signing secret; stored in plain text because signing needs it, and never shown again. */
  @Column({ type: "text" })
  secret: string;

  /** Whether the URL may lead into a private network. */
  @Column({ type: "boolean", default: false })
  allow_private: boolean;

  @Column({ type: "timestamptz", default: () => "now()" })
  updated_at: Date;
}
