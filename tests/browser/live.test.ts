import type { Browser, Locator, Page } from "playwright-core";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import { describeWithBrowser, launchBrowser } from "../support/browser.ts";
import { startApp, type TestApp, type Session } from "../support/app.ts";
import { askToDelete } from "../support/parked.ts";
import { aPerson, type Person } from "./person.ts";

describeWithBrowser("live pages", () => {
  let app: TestApp;
  let browser: Browser;
  let owner: Session;
  const people: Person[] = [];
  beforeAll(async () => {
    app = await startApp({ redisUrl: () => undefined });
    owner = await app.owner();
    browser = await launchBrowser();
  });
  afterEach(async () => {
    for (const { context, watched } of people.splice(0)) {
      await context.close();
      expect(watched).toEqual({ dialogs: [], foreignRequests: [], violations: [] });
    }
  });
  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  /** A page in its own browser context, already subscribed to events. */
  async function open(path: string, person = owner): Promise<Page> {
    const page = await aPage(person, true);
    const listening = page.waitForResponse((response) => response.url().endsWith("/api/events"));
    await page.goto(path);
    await listening;
    await page.evaluate("window.loadedOnce = true");
    return page;
  }
  async function aPage(session: Session, scripts: boolean): Promise<Page> {
    const person = await aPerson(browser, app.url, { scripts });
    people.push(person);
    const value = /cs_session=([^;]+)/.exec(session.cookie)?.[1] ?? "";
    await person.context.addCookies([{ name: "cs_session", value, url: app.url }]);
    return person.page;
  }
  const neverReloaded = (page: Page) => page.evaluate("window.loadedOnce === true");
  const parked = async (): Promise<{ queue: string; job: string }> => {
    const [job] = (await askToDelete(app, 1)) as [JobView];
    return { queue: job.queue_id ?? "", job: job.job_id };
  };
  const pathOf = ({ queue }: { queue: string }) => `/authorizations/${queue}`;
  const cardOf = (page: Page, { queue }: { queue: string }): Locator =>
    page.locator(`article[aria-labelledby="${queue}"]`);
  const count = (page: Page) => page.locator("header nav .count");

  it("add a new request and remove a denied one without a reload", async () => {
    const watching = await open("/authorizations");
    const request = await parked();
    await cardOf(watching, request).waitFor();
    const pending = Number(await count(watching).textContent());

    const deciding = await open(pathOf(request));
    await deciding.getByRole("button", { name: "Deny" }).click();
    await cardOf(watching, request).waitFor({ state: "detached" });
    if (pending > 1) expect(await count(watching).textContent()).toBe(String(pending - 1));
    else await count(watching).waitFor({ state: "detached" });
    expect(await neverReloaded(watching)).toBe(true);
  });

  it("replace the decision buttons with the decision, and update the job's status", async () => {
    const request = await parked();
    const authorization = await open(pathOf(request));
    const job = await open(`/jobs/${request.job}`);
    const jobs = await open("/jobs");
    await owner.decide(request.queue, { decision: "authorized" });

    await authorization.getByText("Allowed once by Owner").waitFor();
    expect(await authorization.getByRole("button", { name: /Allow|Deny/ }).count()).toBe(0);
    await authorization.locator(".outcome .badge", { hasText: "Done" }).waitFor();
    await job.locator(".heading .badge", { hasText: "Done" }).waitFor();
    await jobs.locator(`li[data-live="${request.job}"] .badge`, { hasText: "Done" }).waitFor();
    for (const page of [authorization, job, jobs]) expect(await neverReloaded(page)).toBe(true);
  });

  it("preserve a note that is being typed, with its focus", async () => {
    const [first, second] = [await parked(), await parked()];
    const list = await open("/authorizations");
    const note = cardOf(list, first).getByLabel("Note, sent with Deny");
    await note.pressSequentially("They only moved ");
    await owner.decide(second.queue, { decision: "denied" });
    await cardOf(list, second).waitFor({ state: "detached" });
    const third = await parked();
    await cardOf(list, third).waitFor();
    await note.page().keyboard.type("across town.");
    expect(await note.inputValue()).toBe("They only moved across town.");

    await owner.decide(first.queue, { decision: "denied" });
    await cardOf(list, first).getByText("This request changed").waitFor();
    expect(await note.inputValue()).toBe("They only moved across town.");
    expect(await neverReloaded(list)).toBe(true);
    await cardOf(list, first).getByRole("link", { name: "reload" }).click();
    await cardOf(list, first).waitFor({ state: "detached" });
  });

  it("show a notice and preserve the note when the request was decided elsewhere", async () => {
    const request = await parked();
    const page = await open(pathOf(request));
    const note = page.getByLabel("Why not?");
    await note.fill("They come back in May.");
    await owner.decide(request.queue, { decision: "authorized" });
    await page.getByText("This request changed").waitFor();
    await page.getByText("Allowed once by Owner").waitFor();
    expect(await note.inputValue()).toBe("They come back in May.");
  });

  it("leave opened details open, and disable decisions while the layout changes", async () => {
    const request = await parked();
    const list = await open("/authorizations");
    await cardOf(list, request).getByText("Allow Always…").click();
    await list.evaluate(`new MutationObserver(() => {
      window.duringChange ??= getComputedStyle(document.querySelector(".decide")).pointerEvents;
    }).observe(document.getElementById("main"), { childList: true })`);
    const next = await parked();
    await cardOf(list, next).waitFor();
    expect(await list.evaluate("window.duringChange")).toBe("none");
    await list.locator("main:not(.settling)").waitFor();
    expect(await list.evaluate('getComputedStyle(document.querySelector(".decide")).pointerEvents')).toBe(
      "auto",
    );
    expect(await cardOf(list, request).getByRole("button", { name: "Yes, Allow Always" }).isVisible()).toBe(
      true,
    );
  });

  it("update the pending count in the navigation of every page", async () => {
    const elsewhere = await open("/jobs?status=denied");
    const request = await parked();
    const list = await open("/authorizations");
    await cardOf(list, request).waitFor();
    await count(elsewhere)
      .filter({ hasText: (await count(list).textContent()) ?? "" })
      .waitFor();
  });

  it("show one notice when the session has ended", async () => {
    const leaving = await app.owner();
    const page = await open("/authorizations", leaving);
    await leaving.call("POST", "/logout");
    await parked();
    await page.getByText("You are signed out.").waitFor();
    expect(await page.getByRole("link", { name: "Sign in again" }).count()).toBe(1);
  });

  it("work without scripts", async () => {
    const request = await parked();
    const page = await aPage(owner, false);
    await page.goto(pathOf(request));
    await page.getByRole("button", { name: "Deny" }).click();
    await page.getByText("Denied by Owner").waitFor();
  });
});
