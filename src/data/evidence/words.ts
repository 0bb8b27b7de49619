import type { EvidenceTable } from "../../entities/seal.ts";
import type { SealRow } from "./chain.ts";
import type { Difference } from "./rows.ts";

/** `2026-11-29 14:02 UTC` */
export const minute = (at: Date): string => `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** `Seal 12 (change 1001 to 2000, 2026-11-29 14:02 UTC)` */
export const describeSeal = ({ id, table_name, after_id, last_id, sealed_at }: SealRow): string =>
  `Seal ${id} (${table_name} ${after_id + 1} to ${last_id}, ${minute(sealed_at)})`;

/** What happened to a row, as a sentence. `seal` covers it. */
export function describeDifference(
  { what, row_id, name, at }: Difference,
  table: EvidenceTable,
  seal: SealRow | undefined,
): string {
  const row = name ?? `${table} ${row_id}`;
  const sealed = seal ? minute(seal.sealed_at) : "";
  switch (what) {
    case "cut":
      return `${row} was cut: it was there when it was sealed at ${sealed}.`;
    case "added":
      return `${row} was added, or changed before it was sealed: the seal of ${sealed} does not contain it.`;
    case "backdated":
      return `${row} was added later, or the clock was wrong: it is dated ${at ? minute(at) : ""} and was sealed at ${sealed}.`;
    case "erased":
      return `${row} was changed after it was sealed at ${sealed}: it is empty as after an erasure, but none is recorded.`;
    default:
      return `${row} was changed after it was sealed at ${sealed}.`;
  }
}
