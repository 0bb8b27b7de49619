import type { Browser, Page } from "playwright-core";
import { createAgentToken } from "../../src/identity/tokens.ts";
import { describeWithBrowser, launchBrowser } from "../support/browser.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { aCustomerWithHistory, aPerson, askToDelete, type Person, signInByForm } from "./person.ts";

const OWNER = { OWNER_EMAIL: "olive@example.com", OWNER_PASSWORD: "correct horse battery" };
const NONE = { dialogs: [], foreignRequests: [], violations: [] };
const DESKTOP = 1200;
const PHONE = 390;

describeWithBrowser("an owner's account pages", () => {
  let app: TestApp;
  let browser: Browser;
  const people: Person[] = [];
  beforeAll(async () => {
    app = await startApp({ redisUrl: () => undefined }, { env: OWNER });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await app.stop();
  });
  afterEach(async () => {
    for (const { context } of people.splice(0)) await context.close();
  });

  async function signedIn(width: number): Promise<Page> {
    const person = await aPerson(browser, app.url, { width });
    people.push(person);
    await person.page.goto("/login");
    await signInByForm(person.page, OWNER.OWNER_EMAIL, OWNER.OWNER_PASSWORD);
    await person.page.waitForURL("**/authorizations");
    return person.page;
  }
  const main = (page: Page) => page.getByRole("main").innerText();
  const widthOf = (page: Page) => page.evaluate("document.documentElement.scrollWidth");

  it.each([DESKTOP, PHONE])("revoke a token after a confirmation, at a width of %i", async (width) => {
    const name = `Night shift with a rather long name, ${width}`;
    const { token } = await createAgentToken(app.db, name, { lifeMs: 90 * 24 * 3_600_000 });
    const works = async () =>
      (await fetch(`${app.url}/api/contacts`, { headers: { authorization: `Bearer ${token}` } })).status ===
      200;
    const page = await signedIn(width);
    await page.getByRole("link", { name: "Tokens" }).click();
    const card = page.getByRole("article", { name });
    expect(await card.innerText()).toMatch(/Live[^]*Last used[^]*never[^]*Expires[^]*in 90 days/);
    expect(await widthOf(page)).toBe(width);
    await card.getByText("Revoke…").click();
    expect(await works()).toBe(true);
    await card.getByRole("button", { name: `Revoke ${name}` }).click();
    await page.waitForURL("**/tokens");
    expect(await card.count()).toBe(0);
    expect(await main(page)).toContain(name);
    expect(await works()).toBe(false);
    expect(people[0]?.watched).toEqual(NONE);
  });

  it.each([DESKTOP, PHONE])("end the other sessions, at a width of %i", async (width) => {
    const there = await signedIn(DESKTOP);
    const here = await signedIn(width);
    await here.getByRole("link", { name: "Owner" }).click();
    await here.waitForURL("**/account");
    expect(await main(here)).toMatch(/Chrome on Linux[^]*This session/);
    expect(await widthOf(here)).toBe(width);
    await here.getByRole("button", { name: "End all other sessions" }).click();
    expect(await here.getByRole("article").count()).toBe(1);
    // The other page's event stream ends, and the page says so without a click.
    await there.getByText("You are signed out.").waitFor();
    expect(people.map(({ watched }) => watched)).toEqual([NONE, NONE]);
  });

  it.each([DESKTOP, PHONE])(
    "ask for the password when the sign-in is old, at a width of %i",
    async (width) => {
      const page = await signedIn(width);
      const { queue_id } = await askToDelete(
        app,
        await aCustomerWithHistory(app, `Johnson ${width}`),
        "Moved.",
      );
      await app.db.query("UPDATE session SET password_at = clock_timestamp() - interval '15 minutes'");
      await page.goto("/authorizations");
      const card = page.getByRole("article").filter({ has: page.locator(`a[href$="${queue_id}"]`) });
      await card.getByRole("button", { name: "Allow Once" }).click();
      expect(await page.getByRole("alert").innerText()).toContain("Enter your password and decide again.");
      const once = page.locator("form.once");
      expect(await widthOf(page)).toBe(width);
      await once.getByLabel(/^Your password/).fill("a wrong guess");
      await once.getByRole("button", { name: "Allow Once" }).click();
      expect(await page.getByRole("alert").innerText()).toContain("The password is not right.");
      await once.getByLabel(/^Your password/).fill(OWNER.OWNER_PASSWORD);
      await once.getByRole("button", { name: "Allow Once" }).click();
      await page.waitForURL(`**/authorizations/${queue_id}`);
      expect(await main(page)).toMatch(/Allowed once by Owner, [^]*It was carried out\./);
      expect(people[0]?.watched).toEqual(NONE);
    },
  );
});
