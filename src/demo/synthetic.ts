import { SteadyClient } from "../database/steady-client.ts";
import { conflict, type CrmError, forbidden } from "../domain/core/errors.ts";
import type { Progress } from "../database/progress.ts";

/** Word lists for synthetic people. Half of the surnames come from the list, the other half are built from syllables. */
const words = (text: string): string[] => text.split(" ");
const POOLS = {
  first: words(
    "Mary James Patricia Robert Jennifer John Linda Michael Elizabeth David Barbara William Susan Richard Jessica Joseph Karen Thomas Sarah Charles Lisa Daniel Nancy Matthew Sandra Anthony Ashley Mark Emily Steven Kimberly Andrew Margaret Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa George Deborah Ronald Stephanie Timothy Rebecca Jason Laura Edward Helen Jeffrey Sharon Ryan Cynthia Jacob Kathleen Gary Amy Nicholas Angela Eric Shirley Jonathan Anna Stephen Brenda Larry Emma Justin Pamela Scott Nicole Brandon Samantha Benjamin Katherine Samuel Christine Frank Catherine Gregory Virginia Raymond Rachel Patrick Janet Maria Diane Olivia Julie Joyce Victoria Kelly Lauren Christina Joan Evelyn Martha Madison",
  ),
  last: words(
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez",
  ),
  onset: words(
    "Ab Al An Ar Bar Bel Ber Bor Bran Cal Car Cor Dal Dan Del Dor El Er Fal Far Fen Gar Gol Gran Hal Han Har Hol Kal Kar Kel Kir Lan Lar Len Mar Mel Mor Nor Or Pal Par Pen Ral Ren Rom Sal Sar Sel Tal Tor Val Van Ver Vol Wal Wen Wil Yar Zel",
  ),
  middle: words("a ba be bi da de di fa ga ge ka ke la le li ma me mi na ne no ra re ro sa se ta te ti va"),
  ending: words(
    "berg by dale der feld ford gard gren ham holm kamp ker land ley lund man mark ner quist rich sen ski son stad stein strom ton vich wald well",
  ),
  street: words(
    "Oak Maple Cedar Pine Elm Birch Walnut Cherry Willow Spruce Main Park Lake Hill River Spring Ridge Church Mill School Prairie Meadow Forest Garden Sunset Highland Washington Lincoln Jackson Jefferson Franklin Madison Monroe Adams Grant Union Liberty Center Water Market Bridge College University Canal Depot Summit Valley Orchard Harvest Heritage Juniper Laurel Magnolia Dogwood Hickory Sycamore Chestnut Aspen Poplar Hawthorn",
  ),
  kind: ["Street", "Avenue", "Road", "Drive", "Lane", "Court", "Boulevard", "Way"],
  city: [
    ...words(
      "Madison Milwaukee Chicago Rockford Dubuque Waukesha Janesville Beloit Kenosha Racine Oshkosh Appleton Wausau Sheboygan Middleton Verona Fitchburg Monona Stoughton Oregon Sauk Baraboo Portage Evansville Edgerton Mazomanie Cottage Lodi Poynette Reedsburg",
    ),
    "Green Bay",
    "La Crosse",
    "Eau Claire",
    "Fond du Lac",
    "Sun Prairie",
    "Mount Horeb",
    "Cross Plains",
    "West Bend",
  ],
  area: words("608 414 262 920 715 312 773 847 815 563"),
  note: [
    "Elderly woman, lives alone.",
    "Elderly man, hard of hearing: ring twice.",
    "Elderly couple.",
    "Young family, two children.",
    "Large Victorian, many windows.",
    "Dog in the yard.",
    "Gate code at the office.",
    "Wants a reminder by e-mail.",
    "Pays in cash.",
    "Ladder needed for the gable.",
    "Only on weekdays.",
    "Key is with the neighbour.",
    "Widowed last year.",
    "Park in the alley.",
    "Allergic to ammonia.",
    "Stained glass in the stairwell.",
    "Skylights over the kitchen.",
    "Referred by a friend.",
  ],
};

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const BATCH = 50_000;

/** SQL: a number from 0 (inclusive) to `size` (exclusive), constant per person and `salt`. */
const draw = (salt: number, size: number) => `(hashint8extended(i, ${salt}) & 2147483647) % ${size}`;
const pick = (pool: readonly string[], salt: number) =>
  `(ARRAY[${pool.map((one) => `'${one}'`).join(",")}])[1 + (${draw(salt, pool.length)})::int]`;
const id = (prefix: string) =>
  `'${prefix}_01jaaaaaaa7aaa8aaaaaa' || ${[20, 15, 10, 5, 0]
    .map((shift) => `substr('${ALPHABET}', (1 + ((i >> ${shift}) & 31))::int, 1)`)
    .join(" || ")}`;

/** Computed once per person, so that name and e-mail match. */
const PEOPLE = `SELECT i, ${pick(POOLS.first, 1)} AS first, CASE WHEN ${draw(2, 2)} = 0 THEN ${pick(POOLS.last, 3)}
    ELSE ${pick(POOLS.onset, 4)} || ${pick(POOLS.middle, 5)} || ${pick(POOLS.ending, 6)} END AS last,
    '2024-01-01'::timestamptz + i * interval '37 seconds' AS at FROM generate_series($1::bigint, $2::bigint) i`;

const CONTACTS = `INSERT INTO contact (id, created_at, updated_at, name, phones, emails, notes, source)
  SELECT ${id("contact")}, at, at, first || ' ' || last,
    jsonb_build_array(jsonb_build_object('label', 'mobile', 'number',
      '+1' || ${pick(POOLS.area, 7)} || lpad((${draw(8, 10_000_000)})::text, 7, '0'))),
    ARRAY[lower(first || '.' || last) || i || '@example.com'],
    CASE WHEN ${draw(9, 3)} > 0 THEN ${pick(POOLS.note, 10)} || ' ' || ${pick(POOLS.note, 11)} END, 'synthetic'
  FROM (${PEOPLE}) people ON CONFLICT DO NOTHING`;

const ADDRESSES = `INSERT INTO address (id, contact_id, created_at, updated_at, lines, city, region, postal_code)
  SELECT ${id("address")}, ${id("contact")}, at, at,
    ARRAY[(1 + ${draw(12, 2_400)}) || ' ' || ${pick(POOLS.street, 13)} || ' ' || ${pick(POOLS.kind, 14)}],
    ${pick(POOLS.city, 15)}, 'WI', (53000 + ${draw(16, 999)})::text
  FROM (${PEOPLE}) people ON CONFLICT DO NOTHING`;

/**
 * Inserts `count` synthetic customers for measurements, the same ones each time. It bypasses the triggers, so it needs a
 * superuser, and the search index must be built afterwards. Throws if an agent or a person has used this database.
 */
export async function loadSynthetic(ownerUrl: string, count: number, progress: Progress): Promise<void> {
  const owner = new SteadyClient({ connectionString: ownerUrl });
  await owner.connect();
  try {
    const { rowCount } = await owner.query("SELECT FROM job WHERE principal_kind <> 'system' LIMIT 1");
    if (rowCount) throw realBusiness();
    await owner.query("SET session_replication_role = replica").catch(() => Promise.reject(notAllowed()));
    await owner.query("SET synchronous_commit = off");
    for (let first = 1; first <= count; first += BATCH) {
      const last = Math.min(count, first + BATCH - 1);
      for (const statement of [CONTACTS, ADDRESSES]) await owner.query(statement, [first, last]);
      progress(last, count);
    }
    await owner.query("VACUUM ANALYZE contact, address"); // Otherwise the first queries pay for it.
  } finally {
    await owner.end();
  }
}

const realBusiness = (): CrmError =>
  conflict(
    "This database holds a real business: an agent or a person has submitted jobs here.",
    "Load synthetic customers into a separate database: another DATABASE_URL or another DATA_DIR.",
  );

const notAllowed = (): CrmError =>
  forbidden(
    "Synthetic customers bypass the triggers, which this login is not allowed to do.",
    "Set DATABASE_OWNER_URL to a superuser.",
  );
