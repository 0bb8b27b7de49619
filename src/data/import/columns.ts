/** Contact fields that a column of the file can map to. */
export const FIELDS = [
  "name",
  "first_name",
  "last_name",
  "company",
  "kind",
  "phone",
  "email",
  "preferred_channel",
  "do_not_contact",
  "tags",
  "notes",
  "source",
  "address_label",
  "street",
  "street_2",
  "city",
  "region",
  "postal_code",
  "country",
  "access_notes",
] as const;
export type Field = (typeof FIELDS)[number];

export interface ImportColumn {
  /** The cell of the file's first row. */
  header: string;
  /** Null: not imported. */
  field: Field | null;
}

/** The file or an option is invalid: nothing was imported. */
export class ImportInputError extends Error {}

/** Common headers, in lower case with only letters and digits (see `normalized`). */
const HEADER_PATTERNS: readonly [RegExp, Field][] = [
  [/^(full|display|customer|client|contact)?name$|^(customer|client|contact)$/, "name"],
  [/^(first|given|fore)name$|^first$/, "first_name"],
  [/^(last|family|sur)name$|^(surname|last)$/, "last_name"],
  [/^(company|organi[sz]ation|business)(name)?$/, "company"],
  [/^(contact|customer)?(kind|type)$/, "kind"],
  [
    /^((home|work|office|business|mobile|cell|main|other)?(tele)?phones?(number)?|tel|mobile|cell)\d*$/,
    "phone",
  ],
  [/^(home|work|other)?emails?(address)?\d*$/, "email"],
  [/^preferred(channel|contact(method)?)$/, "preferred_channel"],
  [/^(donotcontact|dnc|optout|unsubscribed)$/, "do_not_contact"],
  [/^(tags?|labels|categories|category|groups?)$/, "tags"],
  [/^(notes?|comments?|remarks?)$/, "notes"],
  [/^((lead)?source|referredby)$/, "source"],
  [/^addresslabel$/, "address_label"],
  [/^((street)?address|street)(line)?1?$/, "street"],
  [/^((street)?address|street)(line)?2$|^(unit|apartment|suite)$/, "street_2"],
  [/^(city|town)$/, "city"],
  [/^(region|state|province)$/, "region"],
  [/^(zip|post(al)?)(code)?$/, "postal_code"],
  [/^country(code)?$/, "country"],
  [/^(access(notes)?|gatecode)$/, "access_notes"],
];

/** Fields that several columns may share. */
const SHARED: readonly Field[] = ["phone", "email"];

const normalized = (header: string): string => header.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/** The field of each column: from `map` (`{name: "Full name"}`), otherwise guessed from the header. Throws ImportInputError. */
export function columnsOf(headers: readonly string[], map: Readonly<Record<string, string>>): ImportColumn[] {
  const mapped = new Map(
    Object.entries(map).map(([field, header]) => [indexOf(headers, header), fieldOf(field)]),
  );
  const taken = new Set(mapped.values());
  const columns = headers.map((header, index): ImportColumn => {
    const guessed = HEADER_PATTERNS.find(([pattern]) => pattern.test(normalized(header)))?.[1] ?? null;
    const free = guessed !== null && (!taken.has(guessed) || (SHARED.includes(guessed) && !(guessed in map)));
    const field = mapped.get(index) ?? (free ? guessed : null);
    if (field) taken.add(field);
    return { header, field };
  });
  const hasName = (["name", "first_name", "last_name", "company"] as const).some((field) => taken.has(field));
  if (hasName) return columns;
  throw new ImportInputError(
    `No column contains the name. Name one with --map name="…"; the columns are: ${headers.join(", ")}.`,
  );
}

function indexOf(headers: readonly string[], wanted: string): number {
  const index = headers.findIndex(
    (header) => normalized(header) === normalized(wanted) && normalized(wanted) !== "",
  );
  const exact = headers.indexOf(wanted);
  if (exact >= 0 || index >= 0) return exact >= 0 ? exact : index;
  throw new ImportInputError(
    `--map: there is no column "${wanted}"; the columns are: ${headers.join(", ")}.`,
  );
}

function fieldOf(name: string): Field {
  const field = FIELDS.find((each) => each === name);
  if (field) return field;
  throw new ImportInputError(
    `--map: "${name}" is not a field of a contact; the fields are: ${FIELDS.join(", ")}.`,
  );
}

/** Parses the --map options, such as `name=Full name`, for columnsOf(). */
export function mapOf(options: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    options.map((each) => {
      const [, field, header] = /^([^=]+)=(.+)$/s.exec(each) ?? [];
      if (field && header) return [field.trim(), header];
      throw new ImportInputError(`--map: got "${each}"; wants field=column, such as name="Full name".`);
    }),
  );
}
