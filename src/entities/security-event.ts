import { Entity, Index, PrimaryGeneratedColumn, Column } from "typeorm";

/**
 * Refused attempts of one caller on one route, for one reason, in one minute. Written only by the function
 * `count_attempt`; strangers' rows go after 90 days.
 */
@Entity("security_event")
@Index("security_event_at", ["at"])
@Index("security_event_minute", { synchronize: false }) // By expressions: see 0013-attempts.sql.
export class SecurityEvent {
  @PrimaryGeneratedColumn({ type: "bigint" })
  id: number;

  /** The first attempt. */
  @Column({ type: "timestamptz", default: () => "now()" })
  at: Date;

  /** `agent:token_…`, `user:user_…` or `anonymous`. */
  @Column({ type: "text" })
  principal: string;

  /** `POST /api/authorizations/:id`: the route's own path, which holds nothing of the caller's. */
  @Column({ type: "text" })
  route: string;

  /** The first attempt's, which may end in words of the caller: `unknown host: example.com`. */
  @Column({ type: "text" })
  reason: string;

  @Column({ type: "text", nullable: true })
  ip: string | null;

  /** Null: one. */
  @Column({ type: "integer", nullable: true })
  attempts: number | null;
}
