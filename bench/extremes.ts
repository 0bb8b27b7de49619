/** JSON Schema 2020-12, as far as the product uses it. */
export interface Schema {
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  properties?: Record<string, Schema>;
  required?: readonly string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  maxItems?: number;
  maxLength?: number;
  maximum?: number;
  minimum?: number;
  pattern?: string;
  contentSchema?: Schema;
}

/** How the values of one call are filled. */
export interface Style {
  name: string;
  /** Repeated up to the longest text that a schema allows. */
  piece: string;
  /** Unknown keys where a schema allows any. */
  open?: boolean;
  /** Only required properties, each as long as possible. */
  requiredOnly?: boolean;
  /** Long texts begin with MARK, so that each call differs from the one before. */
  fresh?: boolean;
}

/** Letters without a pattern, the same ones each time: of equal letters many variants of a word are equal too. */
function scrambled(length: number): string {
  let state = 1;
  const next = () => (state = (state * 48_271) % 2_147_483_647); // Park and Miller's generator.
  return Array.from({ length }, () => String.fromCharCode(97 + (next() % 26))).join("");
}

export const STYLES: readonly Style[] = [
  { name: "one long word", piece: scrambled(1_009) },
  { name: "one-letter words", piece: "a e s m o r l n t d " },
  { name: "common words", piece: "mary oak madison smith street 608 john elderly lake wi " },
  { name: "wildcards", piece: "%_\\ '" },
  { name: "wide characters", piece: "𝔪é\u202e ß" },
];

/** Replaced in each call by a number of the same length. */
export const MARK = "#0000000#";

/** Known ids by prefix: `contact` → `contact_…`. */
export type Ids = ReadonlyMap<string, readonly string[]>;

interface Filling {
  style: Style;
  ids: Ids;
  /** Longest text where the schema has no limit. */
  longest: number;
}

const MOST_ITEMS = 100;
const OPEN_KEYS = 50;
const UNKNOWN_ID = "01jaaaaaaa7aaa8aaaaaazzzzz";

/** Texts that patterns ask for. */
const SAMPLES = [
  ..."2030-01-15 2030-01-15T09:30 2030-01-15T09:30:00Z 09:30 +16085550123 999999999999 WI USD".split(" "),
  ..."key a@example.com https://example.com/".split(" "),
];

/** The most expensive value that a schema admits: every property, longest texts, most items. */
export function extremeOf(schema: Schema, filling: Filling, nth = 0): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[nth % schema.enum.length];
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return extremeOf(widest(branches), filling, nth);
  switch (schema.type) {
    case "object":
      return objectOf(schema, filling);
    case "array":
      return listOf(schema, filling);
    case "string":
      return textOf(schema, filling, nth);
    case "integer":
    case "number":
      return Math.min(schema.maximum ?? 1_000_000, 1_000_000_000);
    case "boolean":
      return true;
    default:
      return schema.type === undefined ? { any: repeated(filling, 1_000) } : null;
  }
}

/** Of alternatives, a list of all values, a list, or the first. */
function widest(branches: readonly Schema[]): Schema {
  const values = branches.find((branch) => branch.enum)?.enum;
  if (values && branches.some(({ pattern }) => pattern === ",")) return { const: values.join(",") };
  return branches.find(({ type }) => type === "array") ?? branches[0] ?? {};
}

function objectOf(schema: Schema, filling: Filling): Record<string, unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const isOpen = typeof additionalProperties === "object" || additionalProperties === undefined;
  if (Object.keys(properties).length === 0 && isOpen) {
    const keys = filling.style.open ? Array.from({ length: OPEN_KEYS }, (_, nth) => `key_${nth}`) : [];
    const value = additionalProperties === undefined ? {} : (additionalProperties as Schema);
    return Object.fromEntries(keys.map((key, nth) => [key, extremeOf(value, filling, nth)]));
  }
  const kept = Object.entries(properties).filter(
    ([name]) => !filling.style.requiredOnly || required.includes(name),
  );
  return Object.fromEntries(kept.map(([name, each]) => [name, extremeOf(each, filling)]));
}

function listOf({ items = {}, maxItems }: Schema, filling: Filling): unknown[] {
  if (items.enum) return items.enum.slice(0, maxItems);
  const known = filling.ids.get(prefixOf(items.pattern) ?? "")?.length;
  const length = Math.min(maxItems ?? MOST_ITEMS, known ?? MOST_ITEMS);
  return Array.from({ length }, (_, nth) => extremeOf(items, filling, nth));
}

function textOf({ pattern, maxLength, contentSchema }: Schema, filling: Filling, nth: number): string {
  if (contentSchema) return JSON.stringify(extremeOf(contentSchema, filling));
  const longest = Math.min(maxLength ?? filling.longest, filling.longest);
  const prefix = prefixOf(pattern);
  if (prefix !== undefined) {
    const known = filling.ids.get(prefix) ?? [];
    return known[nth % known.length] ?? `${prefix}_${UNKNOWN_ID}`;
  }
  const names = /^\^\(([\w|]+)\)\\\./.exec(pattern ?? "")?.[1]; // Fields of includes: ^(customer|address)\.[a-z_]+$
  if (names) return `${names.split("|")[nth % names.split("|").length]}.id`;
  const whole = repeated(filling, longest);
  if (pattern === undefined || new RegExp(pattern, "u").test(whole)) return whole;
  return SAMPLES.find((sample) => new RegExp(pattern, "u").test(sample)) ?? whole;
}

const prefixOf = (pattern = ""): string | undefined => /^\^([a-z_]+)_(?:\[0-7\]|$)/.exec(pattern)?.[1];

const SHORTEST_MARKED = 40;

function repeated({ style }: Filling, length: number): string {
  const start = style.fresh && length >= SHORTEST_MARKED ? `${MARK} ` : "";
  const text = start + style.piece.repeat(Math.ceil(length / style.piece.length));
  return text.slice(0, length).trim().toWellFormed().replaceAll("\ufffd", "x");
}

/** All ids inside a value, by prefix. */
export function collectIds(value: unknown, into: Map<string, string[]>): void {
  if (typeof value === "string") {
    const [id, prefix] = /^([a-z_]+)_[0-7][0-9a-hjkmnp-tv-z]{25}$/.exec(value) ?? [];
    if (id === undefined || prefix === undefined) return;
    const known = into.get(prefix) ?? [];
    if (known.length < MOST_ITEMS && !known.includes(id)) into.set(prefix, [...known, id]);
  } else if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) collectIds(inner, into);
  }
}
