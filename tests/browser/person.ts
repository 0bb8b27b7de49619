import type { Browser, BrowserContext, Page } from "playwright-core";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import type { TestApp } from "../support/app.ts";

/** Records what must not happen on our pages. */
export interface Watched {
  dialogs: string[];
  /** URLs of requests to another origin. */
  foreignRequests: string[];
  /** Violations of the content security policy, and script errors. */
  violations: string[];
}

export interface Person {
  page: Page;
  context: BrowserContext;
  watched: Watched;
}

type State = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** A page in its own browser context; signed in if `state` is given. */
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
  const watched: Watched = { dialogs: [], foreignRequests: [], violations: [] };
  page.on("dialog", (dialog) => {
    watched.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "data:" && origin !== url) watched.foreignRequests.push(request.url());
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
export async function aCustomerWithHistory(app: TestApp, name: string): Promise<string> {
  const { result } = await app.act("contact", "create", { name });
  const { id } = result as { id: string };
  for (let visit = 0; visit < 3; visit++) await aFinishedVisit(app, id);
  return id;
}

export async function aFinishedVisit(app: TestApp, customer_id: string): Promise<void> {
  const line_items = [{ description: "Window cleaning", unit_price_cents: 30_000 }];
  const { result } = await app.act("ticket", "create", { customer_id, line_items });
  const { id } = result as { id: string };
  await app.act("ticket", "start", { id });
  await app.act("ticket", "complete", { id });
}

/** The guide's request: parked, because the customer has a history. */
export async function askToDelete(app: TestApp, id: string, reasoning: string): Promise<JobView> {
  return app.act("contact", "delete", { id }, { reasoning });
}
