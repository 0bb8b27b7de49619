import type { DataSource } from "typeorm";
import { rows } from "../src/database/sql.ts";

/** A stored customer to search for. */
export interface Sample {
  id: string;
  name: string;
  email: string;
  /** E.164 */
  phone: string;
  /** `456 Oak Street` */
  street: string;
  city: string;
  notes: string;
}

const PEOPLE = `SELECT c.id, c.name, c.emails[1] AS email, c.phones->0->>'number' AS phone, a.lines[1] AS street, a.city,
    coalesce(c.notes, '') AS notes
  FROM contact c JOIN address a ON a.contact_id = c.id`;

/** Customers with notes, in pseudo-random order that is the same in every run. */
export const samplesOf = (db: DataSource, count: number): Promise<Sample[]> =>
  rows<Sample>(
    db.manager,
    `${PEOPLE} WHERE c.notes IS NOT NULL ORDER BY hashtextextended(c.id, 7) LIMIT $1`,
    [count],
  );

export const peopleOf = (db: DataSource, ids: readonly string[]): Promise<Sample[]> =>
  rows<Sample>(db.manager, `${PEOPLE} WHERE c.id = ANY($1)`, [ids]);

interface Kind {
  name: string;
  query(sample: Sample): string;
  /** Whether `found` is a correct result for a search for `sample`: several customers may have the same name. */
  fits(found: Sample, sample: Sample): boolean;
  /** The query is only a name. */
  named?: boolean;
  misspelt?: boolean;
}

const partsOf = (text: string): [string, string] => {
  const [first = "", ...rest] = text.split(" ");
  return [first, rest.join(" ")];
};

/** Drops the third letter: Jonson. */
const misspelt = (word: string): string => word.slice(0, 2) + word.slice(3);

/** `(608) 555-01` */
const fragment = (phone: string): string =>
  `(${phone.slice(2, 5)}) ${phone.slice(5, 8)}-${phone.slice(8, 10)}`;

const sentence = (notes: string): string => notes.split(".")[0] ?? "";

const sameName = (found: Sample, sample: Sample) => found.name === sample.name;
const same = (found: Sample, sample: Sample) => found.id === sample.id;

/** The kinds of queries that are measured. */
export const KINDS: readonly Kind[] = [
  {
    name: "name with a typo",
    named: true,
    misspelt: true,
    query: ({ name }) => partsOf(name).map(misspelt).join(" "),
    fits: sameName,
  },
  {
    name: "surname, misspelt",
    named: true,
    misspelt: true,
    query: ({ name }) => misspelt(partsOf(name)[1]),
    fits: (found, sample) => partsOf(found.name)[1] === partsOf(sample.name)[1],
  },
  { name: "name", named: true, query: ({ name }) => name, fits: sameName },
  {
    name: "phone fragment",
    query: ({ phone }) => fragment(phone),
    fits: (found, sample) => found.phone.slice(0, 10) === sample.phone.slice(0, 10),
  },
  { name: "e-mail", query: ({ email }) => email, fits: same },
  {
    name: "street and city",
    query: ({ street, city }) => `${partsOf(street)[1]} ${city}`,
    fits: (found, sample) =>
      found.city === sample.city && partsOf(found.street)[1] === partsOf(sample.street)[1],
  },
  {
    name: "description",
    query: ({ notes, city }) => `${sentence(notes)} in ${city}`,
    fits: (found, sample) => found.city === sample.city && found.notes.includes(sentence(sample.notes)),
  },
  {
    name: "mixed",
    query: ({ name, street }) => `${misspelt(partsOf(name)[0])} ${street.split(" ").slice(0, 2).join(" ")}`,
    fits: same,
  },
];
