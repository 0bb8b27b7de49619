import { canonical } from "../core/canonical.ts";
import type { PreviewChange, Snapshot } from "./preview.ts";

/** One difference between a preview and the one that replaced it. */
export interface Moved {
  what: "fact" | "change";
  /** `tickets`, or `Ticket #16` */
  name: string;
  before: unknown;
  after: unknown;
}

type Shown = Pick<Snapshot, "facts" | "preview">;

/** The differences between the preview that a person saw and the current one. */
export const diffPreviews = (seen: Shown, current: Shown): Moved[] => [
  ...diffFacts(seen.facts, current.facts),
  ...diffChanges(seen.preview.changes, current.preview.changes),
];

function diffFacts(seen: Shown["facts"], current: Shown["facts"]): Moved[] {
  const names = [...new Set([...Object.keys(seen), ...Object.keys(current)])];
  return names
    .map((name): Moved => ({
      what: "fact",
      name,
      before: seen[name] ?? null,
      after: current[name] ?? null,
    }))
    .filter(({ before, after }) => canonical(before) !== canonical(after));
}

function diffChanges(seen: readonly PreviewChange[], current: readonly PreviewChange[]): Moved[] {
  const key = ({ record, id }: PreviewChange) => `${record} ${id}`;
  const then = new Map(seen.map((change) => [key(change), change]));
  const now = new Map(current.map((change) => [key(change), change]));
  return [...new Set([...then.keys(), ...now.keys()])].flatMap((each): Moved[] => {
    const [before, after] = [then.get(each), now.get(each)];
    if (canonical(written(before)) === canonical(written(after))) return [];
    const name = after?.label ?? before?.label ?? each;
    return [{ what: "change", name, before: shown(before, after), after: shown(after, before) }];
  });
}

const written = (change: PreviewChange | undefined) => (change ? { ...change, id: null, label: null } : null); // Labels may be computed from volatile columns.

/** One side of a difference. For a row that both previews delete, only the columns that differ. */
function shown(change: PreviewChange | undefined, other: PreviewChange | undefined) {
  if (!change) return null;
  const { record, operation, before, after } = change;
  if (operation !== "delete") return { record, operation, before, after };
  if (other?.operation !== "delete") return { record, operation };
  const columns = Object.entries(before ?? {}).filter(
    ([column, value]) => canonical(value) !== canonical(other.before?.[column] ?? null),
  );
  return { record, operation, before: Object.fromEntries(columns) };
}
