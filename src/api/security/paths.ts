const decoded = (url: string): string =>
  (url.split(/[?#]/, 1)[0] ?? "").replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );

/** A path's segments, decoded once like in Express, lower case, without matrix parameters. */
export const segmentsOf = (url: string): string[] =>
  decoded(url)
    .toLowerCase()
    .split("/")
    .map((segment) => (segment.split(";", 1)[0] ?? "").trim())
    .filter(Boolean);

/** Empty and dot segments, backslashes and encoded slashes: no route has them, and guard and router could read them differently. */
export const isCrooked = (url: string): boolean =>
  /\/\/|\\|\/\.{1,2}(\/|$)/.test(decoded(url)) || /%2f/i.test(url.split("?", 1)[0] ?? "");

export const READS: ReadonlySet<string> = new Set(["GET", "HEAD"]);
/** Methods that change nothing, as browsers see them. */
export const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
