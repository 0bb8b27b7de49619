import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { CsvError, parse } from "csv-parse";
import { ImportInputError } from "./columns.ts";

export interface FileRow {
  /** As a spreadsheet counts: the header is row 1. */
  number: number;
  cells: string[];
  /** Bytes of the file read so far. */
  read: number;
}

const DELIMITERS = [",", ";", "\t", "|"];
const LONGEST_ROW = 200_000;
const HEAD_BYTES = 64 * 1_024;

/** Yields the rows of a CSV file, the header first, without empty rows. Throws ImportInputError if it is not CSV. */
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
    // Without its option `columns`, the parser yields each row as an array of texts.
    for await (const cells of source.pipe(parser) as AsyncIterable<string[]>) {
      number++;
      if (cells.some((cell) => cell.trim() !== "")) yield { number, cells, read: source.bytesRead };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ImportInputError(
      `${file}: cannot be read from row ${number + 1} on: it has an unclosed quote, or is too long.`,
    );
  } finally {
    source.destroy();
  }
}

/** The file's size in bytes. Throws ImportInputError if it is not a file. */
export async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile()) return found.size;
  throw new ImportInputError(`${file}: is not a readable file.`);
}

/** The delimiter that occurs most often in the first line, outside quotes. */
async function delimiterOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const [head = ""] = buffer.toString("utf8", 0, bytesRead).split(/[\r\n]/, 1);
    const unquoted = head.replaceAll(/"[^"]*"/g, "");
    const count = (delimiter: string) => unquoted.split(delimiter).length;
    return DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best));
  } finally {
    await handle.close();
  }
}
