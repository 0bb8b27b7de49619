import type { Browser, Page } from "playwright-core";
import { queueNames } from "../../src/queue/index.ts";
import { describeWithBrowser } from "../support/browser.ts";
import type { TestApp, Session } from "../support/app.ts";
import { aPerson, type Person } from "./person.ts";
import { NONE, ownerAtTheQueue } from "./owner-at-the-queue.ts";

const EVIL = '<script>alert("name")</script>\u202Egpj.exe\u2066 ┌──┐ [Allow Once] │ └──┘';

describeWithBrowser("a person at the authorization queue", () => {
  const { now, parked, pathOf, exists, statusTool, main } = ownerAtTheQueue();
  let app: TestApp;
  let browser: Browser;
  let elsewhere: Session;
  let state: Awaited<ReturnType<Person["context"]["storageState"]>>;
  let person: Person;
  let page: Page;
  beforeEach(() => void ({ app, browser, elsewhere, state, person, page } = now()));

  it("sees scripts, bidi characters and drawn buttons of a customer as plain text", async () => {
    const job = await parked(EVIL, `${EVIL}\n<img src=x onerror="alert('reasoning')">`);
    for (const path of ["/authorizations", pathOf(job), "/jobs", `/jobs/${job.job_id}`]) {
      await page.goto(path);
      expect(await page.locator("main :is(script, img, [onerror])").count()).toBe(0);
      expect(await page.content()).not.toMatch(/[\u202e\u2066]/);
    }
    await page.goto(pathOf(job));
    expect(await main()).toContain('<script>alert("name")</script>⟨U+202E⟩gpj.exe⟨U+2066⟩ ┌──┐ [Allow Once]');
    expect(await page.getByRole("button", { name: "Allow Once" }).count()).toBe(1);
    expect(person.watched).toEqual(NONE);
  });

  it("can decide by keyboard alone, with a visible focus", async () => {
    const job = await parked();
    await page.goto(pathOf(job));
    const focused = page.locator(":focus-visible");
    for (let tabs = 0; tabs < 80; tabs++) {
      await page.keyboard.press("Tab");
      if ((await focused.innerText()) === "Allow Once") break;
    }
    expect(await focused.evaluate((element) => getComputedStyle(element).outlineStyle)).not.toBe("none");
    await page.keyboard.press("Enter");
    await page.getByText("It was carried out.").waitFor();
    expect(await exists()).toBe(false);
  });

  it("can read every page at phone width without horizontal scrolling", async () => {
    const job = await parked("W".repeat(200), "x".repeat(3_000));
    const { page: phone, context } = await aPerson(browser, app.url, { state, width: 390 });
    for (const path of [
      "/authorizations",
      pathOf(job),
      "/jobs",
      `/jobs/${job.job_id}`,
      "/login",
      "/nowhere",
    ]) {
      await phone.goto(path);
      const width = await phone.evaluate("document.documentElement.scrollWidth");
      expect({ path, width }).toEqual({ path, width: 390 });
    }
    await phone.goto(pathOf(job));
    await phone.getByText("Allow Always…").click();
    await phone.getByText("Other limits…").click();
    expect(await phone.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await context.close();
  });

  it("can view the queues but not change them", async () => {
    const job = await parked();
    await page.goto("/admin/queues");
    for (const name of queueNames) await page.getByRole("link", { name, exact: true }).first().waitFor();
    await page.goto("/admin/queues/queue/awaiting-authorization?status=delayed");
    await page.getByText(job.job_id).first().waitFor();
    const buttons = page.getByRole("button", { name: /promote|retry|clean|remove|delete|pause|edit|add/i });
    expect(await buttons.count()).toBe(0);
    const promote = `/admin/queues/api/queues/awaiting-authorization/${job.job_id}-1/promote`;
    expect((await elsewhere.call("PUT", promote)).status).toBe(403);
    expect((await statusTool(job)).status).toBe("authorization_required");
    expect(
      person.watched.foreignRequests.filter((url) => !url.startsWith("https://fonts.googleapis.com/")),
    ).toEqual([]);
  });

  it("needs a session to view the queues; an agent gets 403", async () => {
    expect((await app.agent("GET", "/admin/queues")).status).toBe(403);
    const { page: visitor, context } = await aPerson(browser, app.url);
    await visitor.goto("/admin/queues");
    expect(new URL(visitor.url()).pathname).toBe("/login");
    await context.close();
  });
});
