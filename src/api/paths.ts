const decoded = (url: string): string =>
  (url.split(/[?#]/, 1)[0] ?? "").replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );

/** A path's segments, decoded once as Express does, in lower case and without matrix parameters: what guards look at. */
export const segmentsOf = (url: string): string[] =>
  decoded(url)
    .toLowerCase()
    .split("/")
    .map((segment) => (segment.split(";", 1)[0] ?? "").trim())
    .filter(Boolean);

/** Empty and dot segments, backslashes and encoded slashes: no path of ours has them, and every guard could stumble. */
export const isCrooked = (url: string): boolean =>
  /\/\/|\\|\/\.{1,2}(\/|$)/.test(decoded(url)) || /%2f/i.test(url.split("?", 1)[0] ?? "");

export const READS: ReadonlySet<string> = new Set(["GET", "HEAD"]);
/** Methods that change nothing, as browsers see them. */
export const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
