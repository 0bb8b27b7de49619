import { canonical } from "../../core/canonical.ts";

type Data = Record<string, unknown>;

/** What a person changed in a request. */
export interface Edited {
  /** Name of the person. */
  by: string;
  /** The names of the fields, and their values in the request and in what the person made of it. */
  fields?: string[];
  before?: Data;
  after?: Data;
}

interface Edit {
  by: string | null;
  /** The data as it was sent. */
  sent: Data | null;
  /** What a person made of it. */
  data: Data | null;
}

/** Field by field; null where nobody changed anything. */
export function editOf({ by, sent, data }: Edit): Edited | null {
  if (by === null) return null;
  const [before, after] = [sent ?? {}, data ?? {}];
  const fields = Object.keys({ ...before, ...after }).filter(
    (name) => canonical(before[name] ?? null) !== canonical(after[name] ?? null),
  );
  const pick = (from: Data): Data => Object.fromEntries(fields.map((name) => [name, from[name] ?? null]));
  return { by, fields, before: pick(before), after: pick(after) };
}

/** Characters of a value that a job shows; the whole is at the authorization. */
const LONGEST = 1_000;

/** The same with long values cut, for an answer to a model. */
export function inShort(edited: Edited | null): Edited | null {
  const cut = (values: Data = {}): Data =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const text = typeof value === "string" ? value : JSON.stringify(value);
        return [name, text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : value];
      }),
    );
  return edited && { ...edited, before: cut(edited.before), after: cut(edited.after) };
}
