import { readdirSync } from "node:fs";
import { extname, join } from "node:path";

/** The files of these folders with one of these extensions, as paths from the root of the project. */
export const filesIn = (folders: readonly string[], extensions: readonly string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && extensions.includes(extname(entry.name)))
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
