import type { Browser, Page } from "playwright-core";
import { type TestApi, startApi } from "../api/test-app.ts";
import { describeWithBrowser, launchBrowser } from "../support/browser.ts";
import { aContact } from "../support/factories.ts";

describeWithBrowser("the API documentation page", () => {
  let api: TestApi;
  let browser: Browser;
  let page: Page;
  const requests: string[] = [];
  const errors: string[] = [];

  beforeAll(async () => {
    api = await startApi();
    browser = await launchBrowser();
    page = await browser.newPage();
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`${api.url}/docs`);
  });
  afterAll(async () => {
    await browser.close();
    await api.close();
  });

  it("shows every operation, without foreign requests or browser errors", async () => {
    await page.locator(".opblock").first().waitFor();
    const document = (await api.ask("/openapi.json")).json as { paths?: Record<string, object> };
    const operations = Object.values(document.paths ?? {}).flatMap((methods) => Object.keys(methods));
    expect(await page.locator(".opblock").count()).toBe(operations.length);
    expect(requests.filter((url) => !url.startsWith(api.url) && !url.startsWith("data:"))).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("can call an operation with an agent's token", async () => {
    await aContact(api.db, { name: "Maria Garcia" });
    await page.getByRole("button", { name: "Authorize" }).first().click();
    await page.getByLabel("auth-bearer-value").fill(api.agent.token);
    await page.getByRole("button", { name: "Apply credentials" }).first().click();
    await page.getByRole("button", { name: "Close" }).first().click();

    const query = page.locator("#operations-Records-list_contacts");
    await query.locator(".opblock-summary-control").click();
    await query.getByRole("button", { name: "Try it out" }).click();
    await query.getByRole("button", { name: "Execute" }).click();
    await query.locator(".live-responses-table").getByText("Maria Garcia").first().waitFor();
    expect(errors).toEqual([]);
  });
});
