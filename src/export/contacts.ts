import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { stringify } from "csv-stringify";
import type { DataSource, EntityManager } from "typeorm";
import type { Address, Contact, Phone } from "../entities/contact.ts";
import { rows } from "../entities/database.ts";
import type { Progress } from "../progress.ts";

type Exported = Contact & { address: Address | null };

/** Columns of the file; `countersign import` knows each but `id`. */
const COLUMNS: Readonly<Record<string, (row: Exported) => string>> = {
  id: ({ id }) => id,
  name: ({ name }) => name,
  kind: ({ kind }) => kind,
  company: ({ company }) => company ?? "",
  phones: ({ phones }) => phones.map(phoneText).join("; "),
  emails: ({ emails }) => emails.join("; "),
  preferred_channel: ({ preferred_channel }) => preferred_channel ?? "",
  do_not_contact: ({ do_not_contact }) => (do_not_contact ? "yes" : "no"),
  tags: ({ tags }) => tags.join("; "),
  notes: ({ notes }) => notes ?? "",
  source: ({ source }) => source ?? "",
  address_label: ({ address }) => address?.label ?? "",
  street: ({ address }) => address?.lines.join("\n") ?? "",
  city: ({ address }) => address?.city ?? "",
  region: ({ address }) => address?.region ?? "",
  postal_code: ({ address }) => address?.postal_code ?? "",
  country: ({ address }) => address?.country ?? "",
  access_notes: ({ address }) => address?.access_notes ?? "",
};

const phoneText = ({ number, label }: Phone): string => (label ? `${number} (${label})` : number);

/** So many are read at a time: memory does not grow with the file. */
const AT_ONCE = 1_000;

const EXPORTED = `SELECT c.*, (SELECT to_jsonb(a) FROM address a WHERE a.contact_id = c.id ORDER BY a.created_at, a.id LIMIT 1)
    AS address FROM contact c WHERE c.archived_at IS NULL ORDER BY c.created_at, c.id`;

/**
 * Writes every live contact, with the first address, to a CSV file; how many. `safeCells` puts an apostrophe before
 * what a spreadsheet would take for a formula. The file appears when it is whole.
 */
export async function exportContacts(
  db: DataSource,
  file: string,
  { safeCells = false, told }: { safeCells?: boolean; told?: Progress } = {},
): Promise<number> {
  const unfinished = `${file}.part`;
  try {
    const count = await db.transaction("REPEATABLE READ", async (snapshot) => {
      await snapshot.query("SET TRANSACTION READ ONLY");
      const counter = { count: 0 };
      const [counted] = await rows<{ total: number }>(
        snapshot,
        "SELECT count(*) AS total FROM contact WHERE archived_at IS NULL",
      );
      const lines = stringify({ header: true, columns: Object.keys(COLUMNS), escape_formulas: safeCells });
      const source = contactsOf(snapshot, (done) => {
        counter.count = done;
        told?.(done, counted?.total ?? done);
      });
      await pipeline(source, lines, createWriteStream(unfinished, { mode: 0o600 }));
      return counter.count;
    });
    await rename(unfinished, file);
    return count;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** By a cursor, within the snapshot that the transaction sees. */
async function* contactsOf(
  snapshot: EntityManager,
  told: (done: number) => void,
): AsyncGenerator<Record<string, string>> {
  await snapshot.query(`DECLARE exported NO SCROLL CURSOR FOR ${EXPORTED}`);
  for (let done = 0; ;) {
    const found = await rows<Exported>(snapshot, `FETCH ${AT_ONCE} FROM exported`);
    if (found.length === 0) return;
    for (const row of found)
      yield Object.fromEntries(Object.entries(COLUMNS).map(([name, cell]) => [name, cell(row)]));
    done += found.length;
    told(done);
  }
}
