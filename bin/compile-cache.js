import { lstatSync, mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const OTHERS_WRITE = 0o022;

/** The data folder of this installation; the second one is for commands that run in another folder. */
const dataFolders = () => [
  resolve(process.env.DATA_DIR || ".countersign"),
  fileURLToPath(new URL("../.countersign", import.meta.url)),
];

/** Whether only this user can put files into the folder. Windows has no such modes; its temporary folders are private. */
const isPrivate = ({ uid, mode }) =>
  process.geteuid === undefined || (uid === process.geteuid() && (mode & OTHERS_WRITE) === 0);

/** The private folder `cache` of a data folder that exists; undefined where there is none. */
function cacheOf(dataFolder) {
  try {
    if (!isPrivate(statSync(dataFolder))) return undefined;
    const cache = join(dataFolder, "cache");
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    const found = lstatSync(cache); // A symbolic link could lead elsewhere.
    return found.isDirectory() && isPrivate(found) ? cache : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs `start`, which starts tsx, so that tsx keeps compiled code in the data folder. By default it uses a folder of the
 * shared temporary folder, in which another user can leave code to be run as this user. Without a private folder it
 * compiles at each start.
 */
export async function withPrivateCache(start) {
  const cache = dataFolders()
    .map(cacheOf)
    .find((folder) => folder !== undefined);
  // tsx takes no path: it reads these when it is loaded.
  const names = ["TMPDIR", "TEMP", "TMP", "TSX_DISABLE_CACHE"];
  const before = names.map((name) => process.env[name]);
  if (cache === undefined) process.env.TSX_DISABLE_CACHE = "1";
  else for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = cache;
  await start();
  for (const [index, name] of names.entries()) {
    if (before[index] === undefined) delete process.env[name];
    else process.env[name] = before[index];
  }
}
