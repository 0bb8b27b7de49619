/** The environment of a process that loads this file of ours before the product. */
export const preloading = (file: string): Record<string, string> => ({
  NODE_OPTIONS: `--import ${new URL("preload.js", import.meta.url).href}`,
  PRELOAD: file,
});
