import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

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

/** Whether page tests can run here; where not, one line that says why and what to do. */
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

/** A `describe` for pages: without a browser it says what is left out; in CI that is a failure, never a silent gap. */
export function describeWithBrowser(name: string, tests: () => void): void {
  const browser = browserAvailable();
  if (browser.available) return describe(name, tests);
  if (process.env["CI"] === "true") {
    return describe(name, () => {
      it("has a browser to run in", () => {
        throw new Error(browser.reason);
      });
    });
  }
  process.stderr.write(`Left out: ${name}: ${browser.reason}\n`);
  describe.skip(name, tests);
}
