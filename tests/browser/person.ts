import type { Browser, BrowserContext, Page } from "playwright-core";
import type { JobView } from "../../src/domain/core/ports.ts";
import type { House } from "../support/house.ts";

/** What must not happen on our pages, as it happens. */
export interface Watched {
  dialogs: string[];
  /** Requests to another origin than the product's own. */
  strangers: string[];
  /** What the content security policy stopped, and scripts that failed. */
  violations: string[];
}

export interface Person {
  page: Page;
  context: BrowserContext;
  watched: Watched;
}

type State = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** A window of a browser of its own; signed in where `state` is. */
export async function aPerson(
  browser: Browser,
  url: string,
  { state, width = 1200, scripts = true }: { state?: State; width?: number; scripts?: boolean } = {},
): Promise<Person> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height: 800 },
    javaScriptEnabled: scripts,
    ...(state && { storageState: state }),
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const watched: Watched = { dialogs: [], strangers: [], violations: [] };
  page.on("dialog", (dialog) => {
    watched.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "data:" && origin !== url) watched.strangers.push(request.url());
  });
  page.on("pageerror", (error) => watched.violations.push(error.message));
  page.on("console", (message) => {
    if (/security policy/i.test(message.text())) watched.violations.push(message.text());
  });
  return { page, context, watched };
}

/** As in `first-run.json`. */
export async function signInByForm(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Three finished visits of $300 each. */
export async function aCustomerWithHistory(house: House, name: string): Promise<string> {
  const { result } = await house.act("contact", "create", { name });
  const { id } = result as { id: string };
  for (let visit = 0; visit < 3; visit++) await aFinishedVisit(house, id);
  return id;
}

export async function aFinishedVisit(house: House, customer_id: string): Promise<void> {
  const line_items = [{ description: "Window cleaning", unit_price_cents: 30_000 }];
  const { result } = await house.act("ticket", "create", { customer_id, line_items });
  const { id } = result as { id: string };
  await house.act("ticket", "start", { id });
  await house.act("ticket", "complete", { id });
}

/** The guide's request: parked, because of the history. */
export async function askToDelete(house: House, id: string, reasoning: string): Promise<JobView> {
  return house.act("contact", "delete", { id }, { reasoning });
}
