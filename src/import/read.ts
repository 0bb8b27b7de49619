import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { CsvError, parse } from "csv-parse";
import { UnusableCall } from "./columns.ts";

export interface FileRow {
  /** As a spreadsheet counts: the header is row 1. */
  number: number;
  cells: string[];
  /** Bytes of the file that have been read. */
  read: number;
}

const DELIMITERS = [",", ";", "\t", "|"];
const LONGEST_ROW = 200_000;
const HEAD_BYTES = 64 * 1_024;

/** The rows of a CSV file one by one, the header first, empty ones left out. Throws UnusableCall where it is none. */
export async function* rowsOf(file: string): AsyncGenerator<FileRow> {
  const delimiter = await delimiterOf(file);
  const source = createReadStream(file);
  const parser = parse({
    bom: true,
    delimiter,
    relax_column_count: true,
    relax_quotes: true, // Ann "Bee" Miller is a name.
    max_record_size: LONGEST_ROW,
  });
  source.on("error", (error) => parser.destroy(error));
  let number = 0;
  try {
    for await (const cells of source.pipe(parser) as AsyncIterable<string[]>) {
      number++;
      if (cells.some((cell) => cell.trim() !== "")) yield { number, cells, read: source.bytesRead };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UnusableCall(
      `${file}: cannot be read on from row ${number + 1}: a quote there is never closed, or the row has no end.`,
    );
  } finally {
    source.destroy();
  }
}

/** How many bytes the file has; UnusableCall where it cannot be read. */
export async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile()) return found.size;
  throw new UnusableCall(`${file}: is no file that can be read.`);
}

/** What the first line is divided by most often, outside of quotes. */
async function delimiterOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const [head = ""] = buffer.toString("utf8", 0, bytesRead).split(/[\r\n]/, 1);
    const bare = head.replaceAll(/"[^"]*"/g, "");
    const count = (delimiter: string) => bare.split(delimiter).length;
    return DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best));
  } finally {
    await handle.close();
  }
}
