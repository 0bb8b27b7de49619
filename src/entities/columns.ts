import { Column, PrimaryColumn } from "typeorm";

/** Columns that every run writes anew; a preview's digest leaves them out. */
export const VOLATILE = ["id", "version", "created_at", "updated_at"];

/** What every business record carries. `version` counts writes and is compared where a caller names the one it saw. */
export abstract class BusinessRecord {
  /** TypeID: prefix plus UUIDv7. */
  @PrimaryColumn({ type: "text" })
  id: string;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;

  @Column({ type: "timestamptz", default: () => "now()" })
  updated_at: Date;

  @Column({ type: "integer", default: 1 })
  version: number;

  /** Columns besides VOLATILE that a preview's digest leaves out. */
  static readonly volatile: readonly string[] = [];

  /** What this row lets go out into the world, where it does: shown before it happens. */
  static readonly outgoing: (row: Record<string, never>) => Record<string, unknown> | null = () => null;

  /** What a person calls this row. */
  static readonly label: (row: Record<string, never>) => string = () => "";
}
