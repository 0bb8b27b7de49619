import { plainCell } from "../formula-cells.ts";
import type { Field, ImportColumn } from "./columns.ts";

/** Inputs of contact.create and contact.add_address (without the contact's id) for one row. */
export interface RowInput {
  contact: Record<string, unknown>;
  address: Record<string, unknown> | null;
}

/** The row cannot be imported; the message says why. */
export class BadRow extends Error {}

/** The cells of each field, without empty ones. Several columns may share a field. */
type Cells = Map<Field, { text: string; header: string }[]>;

/** Reads one row. Checks only what the actions' schemas cannot check. Throws BadRow. */
export function rowInput(columns: readonly ImportColumn[], cells: readonly string[]): RowInput {
  if (cells.length > columns.length)
    throw new BadRow(`has ${cells.length} cells, the header has ${columns.length}; is a quote missing?`);
  if (cells.some((cell) => cell.includes("\uFFFD"))) throw new BadRow("is not UTF-8; save the file as UTF-8");
  const found = cellsOf(columns, cells);
  const text = (field: Field): string | undefined => found.get(field)?.[0]?.text;
  const name =
    text("name") ?? ([text("first_name"), text("last_name")].filter(Boolean).join(" ") || undefined);
  const company = text("company");
  const contactName = name ?? company;
  if (contactName === undefined) throw new BadRow("name: is empty");
  const contact = {
    name: contactName,
    kind: text("kind")?.toLowerCase() ?? (name === undefined ? "company" : undefined),
    company: name === undefined ? undefined : company,
    phones: (found.get("phone") ?? []).flatMap(phonesIn),
    emails: (found.get("email") ?? []).flatMap((cell) => split(cell.text)),
    preferred_channel: text("preferred_channel")?.toLowerCase(),
    do_not_contact: yesOrNo(text("do_not_contact")),
    tags: split(text("tags") ?? ""),
    notes: text("notes"),
    source: text("source"),
  };
  return { contact: withoutEmpty(contact), address: addressOf(text) };
}

/** Drops undefined fields and empty lists, so that the action's defaults apply. */
const withoutEmpty = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );

function cellsOf(columns: readonly ImportColumn[], cells: readonly string[]): Cells {
  const found: Cells = new Map();
  for (const [index, { field, header }] of columns.entries()) {
    const text = plainCell(cells[index] ?? "").trim();
    if (field && text) found.set(field, [...(found.get(field) ?? []), { text, header }]);
  }
  return found;
}

const split = (list: string): string[] =>
  list
    .split(/[;,\n]/)
    .map((each) => each.trim())
    .filter(Boolean);

/** Parses `+16085550115 (mobile); …`. Without a label, takes it from a header such as "Mobile phone". */
function phonesIn({ text, header }: { text: string; header: string }) {
  const defaultLabel = /\b(mobile|cell|home|work|office|business|main)/i.exec(header)?.[1]?.toLowerCase();
  return split(text).map((written) => {
    const [inBrackets, label] = /\(([^()]*)\)$/.exec(written) ?? [];
    if (!inBrackets || !label || !/[a-z]/i.test(label))
      return { number: written, label: defaultLabel ?? null };
    return { number: written.slice(0, -inBrackets.length).trim(), label };
  });
}

function yesOrNo(cell: string | undefined): boolean | undefined {
  if (cell === undefined) return undefined;
  if (/^(yes|y|true|1|x)$/i.test(cell)) return true;
  if (/^(no|n|false|0)$/i.test(cell)) return false;
  throw new BadRow(`do_not_contact: got "${cell.slice(0, 40)}"; wants yes or no`);
}

function addressOf(text: (field: Field) => string | undefined): Record<string, unknown> | null {
  const street = [text("street"), text("street_2")].filter((line) => line !== undefined).join("\n");
  const place = withoutEmpty({
    city: text("city"),
    region: text("region"),
    postal_code: text("postal_code"),
    country: countryCode(text("country")),
    access_notes: text("access_notes"),
  });
  if (!street) {
    if (place["city"] === undefined && place["postal_code"] === undefined) return null;
    throw new BadRow("street: is empty, although there is a city or a postal code");
  }
  const lines = street
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return { ...withoutEmpty({ label: text("address_label") }), lines, ...place };
}

const COUNTRIES: Readonly<Record<string, string>> = {
  usa: "US",
  "united states": "US",
  "united states of america": "US",
  uk: "GB",
  "united kingdom": "GB",
  canada: "CA",
  germany: "DE",
};

const countryCode = (written: string | undefined): string | undefined =>
  written && (COUNTRIES[written.toLowerCase()] ?? written);
