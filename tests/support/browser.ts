import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";
import { leaveOut } from "./form.ts";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Whether page tests can run here; if not, the reason and the fix in one line. */
export function browserAvailable(): { available: true } | { available: false; reason: string } {
  if (existsSync(CHROMIUM)) return { available: true };
  return {
    available: false,
    reason: `no Chromium at ${CHROMIUM}; install it with: apt-get install chromium`,
  };
}

/** The caller closes it. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

/** A `describe` for pages. Without a browser it reports the skipped tests; in CI it fails. */
export function describeWithBrowser(name: string, tests: () => void): void {
  const browser = browserAvailable();
  if (browser.available) return describe(name, tests);
  leaveOut(name, browser.reason);
  describe.skip(name, tests);
}
