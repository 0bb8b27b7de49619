import type { Browser, Page } from "playwright-core";
import { describeWithBrowser } from "../support/browser.ts";
import type { TestApp, Session } from "../support/app.ts";
import { aFinishedVisit, aPerson, type Person } from "./person.ts";
import { NONE, ownerAtTheQueue } from "./owner-at-the-queue.ts";

describeWithBrowser("a person at the authorization queue", () => {
  const { now, parked, pathOf, exists, press, main } = ownerAtTheQueue();
  let app: TestApp;
  let browser: Browser;
  let elsewhere: Session;
  let state: Awaited<ReturnType<Person["context"]["storageState"]>>;
  let person: Person;
  let page: Page;
  beforeEach(() => void ({ app, browser, elsewhere, state, person, page } = now()));

  it("gets 409 with the first decider for a late decision on a page without scripts", async () => {
    const job = await parked();
    const { page: still, context } = await aPerson(browser, app.url, { state, scripts: false });
    await still.goto(pathOf(job));
    await elsewhere.decide(job.queue_id ?? "", { decision: "denied" });
    const answered = still.waitForResponse((response) => response.request().method() === "POST");
    await press(still, "Allow Once");
    expect((await answered).status()).toBe(409);
    expect(await still.getByRole("alert").innerText()).toContain("Already decided by Owner");
    expect(await still.getByRole("button", { name: "Allow Once" }).count()).toBe(0);
    expect(await exists()).toBe(true);
    await context.close();
  });

  it("has to decide again, with the difference shown, when a ticket was added before the click", async () => {
    const job = await parked();
    await page.goto(pathOf(job));
    await aFinishedVisit(app, now().customer);
    await press(page, "Allow Once");
    await page.getByRole("link", { name: "See the request that replaced it" }).click();
    const moved = page.getByRole("region", { name: "What changed since it was last shown" });
    expect(await moved.innerText()).toMatch(/Tickets\s+before:\s+3\s+→\s+after:\s+4/);
    expect(await main()).toContain("Customer has 4 tickets worth $1,200");
    expect(await exists()).toBe(true);
    await press(page, "Allow Once");
    await page.getByText("It was carried out.").waitFor();
    expect(await exists()).toBe(false);
    expect(person.watched).toEqual(NONE);
  });

  it("has to decide again when the customer had another name on the page than the one that would go", async () => {
    const job = await parked("zz test record");
    await page.goto(pathOf(job));
    expect(await main()).toContain("zz test record");
    await app.act("contact", "update", { id: now().customer, name: "Johnson Family" });
    await press(page, "Allow Once");
    expect(await main()).toMatch(
      /the request would have done something else than was shown here\. Nothing was\s+changed/,
    );
    await page.getByRole("link", { name: "See the request that replaced it" }).click();
    const moved = page.getByRole("region", { name: "What changed since it was last shown" });
    expect(await moved.innerText()).toMatch(/Name\s+before:\s+zz test record\s+→\s+after:\s+Johnson Family/);
    expect(await exists()).toBe(true);
  });
});
