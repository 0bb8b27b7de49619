import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from "typeorm";
import { Job } from "./job.ts";

/** Which sealed rows an erasure changed. Written by erase_contact() only. */
@Entity("erasure")
export class Erasure {
  @PrimaryGeneratedColumn({ type: "bigint" })
  id: number;

  @Column({ type: "text" })
  job_id: string;

  @ManyToOne(() => Job)
  @JoinColumn({ name: "job_id" })
  job?: Relation<Job>;

  @Column({ type: "timestamptz", default: () => "clock_timestamp()" })
  at: Date;

  /** Ids of the table `change`. */
  @Column({ type: "bigint", array: true })
  changes: number[];

  /** Ids of the table `decision`. */
  @Column({ type: "bigint", array: true })
  decisions: number[];
}
