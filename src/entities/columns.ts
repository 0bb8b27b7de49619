import { Column, PrimaryColumn } from "typeorm";

/** Columns that differ in every run; a preview's digest excludes them. */
export const VOLATILE = ["id", "version", "created_at", "updated_at"];

/** How rows of a table belong to a customer, and how erasure treats them. */
export interface Personal {
  /** Columns with the id of the row that a row belongs to, by the table of that row. `contact` is the customer. */
  owners: Readonly<Record<string, string>>;
  /** Replacement values of personal columns. "delete": the whole row is deleted. */
  erased: Readonly<Record<string, unknown>> | "delete";
  /** A customer has one row per value of this column; a merge does not move the duplicate's conflicting row. */
  onePer?: string;
  /** The row counts as history of the customer; singular and plural noun. */
  history?: readonly [one: string, many: string];
  /** Column of a row that took the place of another one: the two count once. */
  successor?: string;
  /** Only rows that ever had one of these statuses count as history. */
  historyStatuses?: readonly string[];
}

/** Columns of every business record. `version` counts writes and serves optimistic locking. */
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

  /** Columns besides VOLATILE that a preview's digest excludes. */
  static readonly volatile: readonly string[] = [];

  /** Messages for callers whose request violates a constraint, by the constraint's name. */
  static readonly constraints: Readonly<Record<string, string>> = {};

  /** The message that this row sends, if any; a preview shows it. */
  static readonly outgoing: (row: Record<string, never>) => Record<string, unknown> | null = () => null;

  /** Null: rows have no personal data of a customer. */
  static readonly personal: Personal | null = null;

  /** Name of the row for people. */
  static readonly label: (row: Record<string, never>) => string = () => "";
}
