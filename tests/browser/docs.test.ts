import type { Browser, Page } from "playwright-core";
import { type FrontDoor, openFrontDoor } from "../api/front-door.ts";
import { describeWithBrowser, launchBrowser } from "../support/browser.ts";
import { aContact } from "../support/factories.ts";

describeWithBrowser("the page of the API", () => {
  let door: FrontDoor;
  let browser: Browser;
  let page: Page;
  const asked: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    door = await openFrontDoor();
    browser = await launchBrowser();
    page = await browser.newPage();
    page.on("request", (request) => asked.push(request.url()));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${door.url}/docs`);
  });
  afterAll(async () => {
    await browser.close();
    await door.close();
  });

  it("shows every operation, from this server alone and without a complaint of the browser", async () => {
    await page.locator(".opblock").first().waitFor();
    const document = (await door.ask("/openapi.json")).json as { paths?: Record<string, object> };
    const operations = Object.values(document.paths ?? {}).flatMap((methods) => Object.keys(methods));
    expect(await page.locator(".opblock").count()).toBe(operations.length);
    expect(asked.filter((url) => !url.startsWith(door.url) && !url.startsWith("data:"))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("tries an operation with an agent's token", async () => {
    await aContact(door.db, { name: "Maria Garcia" });
    await page.getByRole("button", { name: "Authorize" }).first().click();
    await page.getByLabel("auth-bearer-value").fill(door.agent.token);
    await page.getByRole("button", { name: "Apply credentials" }).first().click();
    await page.getByRole("button", { name: "Close" }).first().click();

    const query = page.locator("#operations-Records-list_contacts");
    await query.locator(".opblock-summary-control").click();
    await query.getByRole("button", { name: "Try it out" }).click();
    await query.getByRole("button", { name: "Execute" }).click();
    await query.locator(".live-responses-table").getByText("Maria Garcia").first().waitFor();
    expect(complaints).toEqual([]);
  });
});
