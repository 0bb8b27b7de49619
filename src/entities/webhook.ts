import { Check, Column, Entity, PrimaryColumn } from "typeorm";

/** Where the owner wants to be told of what happens: one row, or none. */
@Entity("webhook_endpoint")
@Check("webhook_endpoint_single", "id = 'webhook'")
export class WebhookEndpoint {
  @PrimaryColumn({ type: "text" })
  id: "webhook";

  @Column({ type: "text" })
  url: string;

  /** Signs what is sent, so it is kept as it is; never shown again. */
  @Column({ type: "text" })
  secret: string;

  /** Whether the URL may lead into a private network. */
  @Column({ type: "boolean", default: false })
  allow_private: boolean;

  @Column({ type: "timestamptz", default: () => "now()" })
  updated_at: Date;
}
