import type { EntityManager } from "typeorm";

/** A row as `to_jsonb` writes it: times are text, amounts are numbers. */
export type RowImage = Readonly<Record<string, unknown>>;

/** One row that an undo writes. `from`: as it is now, null if it comes back. `to`: afterwards, null if it goes. */
export interface ReversedRow {
  id: string;
  from: RowImage | null;
  to: RowImage | null;
}

/** Why a row may not return to its earlier state any more: another record has changed since. */
export interface Obstacle {
  /** A sentence for a person and a model. */
  message: string;
  /** The record that is in the way. */
  record: string;
}

/** The action that would write the same as an undo (`ticket.cancel`), and its input as far as it is judged by it. */
export interface WrittenBy {
  action: string;
  input?: RowImage;
}

/**
 * How an undo is judged where it writes rows of this table. Every table with recorded changes has one; a test compares
 * them with the database.
 */
export interface Reversal {
  table: string;
  /** The action that would write the same, or several where it takes more than one; null where nobody is ever asked. */
  standsFor(row: ReversedRow): WrittenBy | readonly WrittenBy[] | null;
  /** The record that a row of it belongs to, which bulk and window count. Default: the row itself. */
  recordOf?(row: RowImage): string;
  /** Checks, before the row is written, what the action that writes the same would check. */
  check?(moment: { db: EntityManager; now: Date }, row: ReversedRow): Promise<Obstacle | null>;
}

/** Rows that `archive` takes out of use and `update` brings back. */
export const archivable = (table: string): Reversal => ({
  table,
  standsFor: (row) => ({
    action: `${table}.${row.from ? (isRetired(row) ? "archive" : "update") : "create"}`,
  }),
});

/** Whether the row goes, or goes out of use. */
export const isRetired = ({ from, to }: ReversedRow): boolean =>
  to === null || (isArchived(to) && !isArchived(from));

const isArchived = (row: RowImage | null): boolean => Boolean(row?.archived_at);

/** The first id among these columns of a row, each of which names an owner or is null. */
export const ownerOf =
  (...columns: string[]) =>
  (row: RowImage): string =>
    String(columns.map((column) => row[column]).find((id) => id != null) ?? row.id);
