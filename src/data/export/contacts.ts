import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { stringify } from "csv-stringify";
import type { DataSource, EntityManager } from "typeorm";
import type { Contact, Phone } from "../../entities/contact.ts";
import type { Address } from "../../entities/address.ts";
import { rows } from "../../database/sql.ts";
import { safeCell } from "../formula-cells.ts";
import type { Progress } from "../../database/progress.ts";

type Exported = Contact & { address: Address | null };

/** Columns of the file. `countersign import` reads all of them except `id`. */
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

/** Rows per fetch, so that memory does not grow with the number of contacts. */
const FETCH_SIZE = 1_000;

const EXPORTED = `SELECT c.*, (SELECT to_jsonb(a) FROM address a WHERE a.contact_id = c.id ORDER BY a.created_at, a.id LIMIT 1)
    AS address FROM contact c WHERE c.archived_at IS NULL ORDER BY c.created_at, c.id`;

/**
 * Writes every contact that is not archived, with its first address, to a CSV file and returns their number.
 * Puts an apostrophe before cells that a spreadsheet would run as a formula, unless `raw`. A failed export leaves no file.
 */
export async function exportContacts(
  db: DataSource,
  file: string,
  { raw = false, progress }: { raw?: boolean; progress?: Progress } = {},
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
      const lines = stringify({ header: true, columns: Object.keys(COLUMNS) });
      const shown = (done: number) => {
        counter.count = done;
        progress?.(done, counted?.total ?? done);
      };
      const source = contactsOf(snapshot, raw ? (cell) => cell : safeCell, shown);
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

/** Reads with a cursor inside the transaction's snapshot. */
async function* contactsOf(
  snapshot: EntityManager,
  written: (cell: string) => string,
  progress: (done: number) => void,
): AsyncGenerator<Record<string, string>> {
  await snapshot.query(`DECLARE exported NO SCROLL CURSOR FOR ${EXPORTED}`);
  for (let done = 0; ;) {
    const found = await rows<Exported>(snapshot, `FETCH ${FETCH_SIZE} FROM exported`);
    if (found.length === 0) return;
    for (const row of found)
      yield Object.fromEntries(Object.entries(COLUMNS).map(([name, cell]) => [name, written(cell(row))]));
    done += found.length;
    progress(done);
  }
}
