/** What a column of the file can say of a contact. */
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
  /** As the file's first row says it. */
  header: string;
  /** Null: not taken over. */
  field: Field | null;
}

/** The call cannot be carried out at all: nothing was read into the CRM. */
export class UnusableCall extends Error {}

/** Headers as people and programs write them, without blanks and marks. */
const KNOWN: readonly [RegExp, Field][] = [
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

const bare = (header: string): string => header.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/** What each column means: as the caller says (`{name: "Full name"}`), else by its header. Throws UnusableCall. */
export function columnsOf(headers: readonly string[], map: Readonly<Record<string, string>>): ImportColumn[] {
  const said = new Map(
    Object.entries(map).map(([field, header]) => [indexOf(headers, header), fieldOf(field)]),
  );
  const taken = new Set(said.values());
  const columns = headers.map((header, index): ImportColumn => {
    const guessed = KNOWN.find(([pattern]) => pattern.test(bare(header)))?.[1] ?? null;
    const free = guessed !== null && (!taken.has(guessed) || (SHARED.includes(guessed) && !(guessed in map)));
    const field = said.get(index) ?? (free ? guessed : null);
    if (field) taken.add(field);
    return { header, field };
  });
  const named = (["name", "first_name", "last_name", "company"] as const).some((field) => taken.has(field));
  if (named) return columns;
  throw new UnusableCall(
    `No column is a name. Say which one is with --map name="…"; the columns are: ${headers.join(", ")}.`,
  );
}

function indexOf(headers: readonly string[], wanted: string): number {
  const index = headers.findIndex((header) => bare(header) === bare(wanted) && bare(wanted) !== "");
  const exact = headers.indexOf(wanted);
  if (exact >= 0 || index >= 0) return exact >= 0 ? exact : index;
  throw new UnusableCall(`--map: there is no column "${wanted}"; the columns are: ${headers.join(", ")}.`);
}

function fieldOf(named: string): Field {
  const field = FIELDS.find((each) => each === named);
  if (field) return field;
  throw new UnusableCall(`--map: "${named}" is nothing a contact has; it has: ${FIELDS.join(", ")}.`);
}

/** `name=Full name` of each --map, as columnsOf() takes it. */
export function mapOf(said: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    said.map((each) => {
      const [, field, header] = /^([^=]+)=(.+)$/s.exec(each) ?? [];
      if (field && header) return [field.trim(), header];
      throw new UnusableCall(`--map: got "${each}"; wants field=column, such as name="Full name".`);
    }),
  );
}
