/**
 * A cell that a spreadsheet may run as a formula, with the apostrophes that already precede it: they too need one more,
 * so that `plainCell` restores exactly what was there.
 */
const FORMULA = /^'*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;

/** The cell as text for a spreadsheet: an apostrophe before what it would run as a formula. */
export const safeCell = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell);

/** Undoes `safeCell`. */
export const plainCell = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
