import type { Browser } from "playwright-core";
import { queueNames } from "../../src/queue/index.ts";
import { describeWithBrowser, launchBrowser } from "../support/browser.ts";
import { type TestApi, startApi } from "../api/test-app.ts";

describeWithBrowser("the queue board in a browser", () => {
  let api: TestApi;
  let browser: Browser;
  beforeAll(async () => {
    api = await startApi();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await api.close();
  });

  it("shows the owner every queue and sends no request to another host", async () => {
    const context = await browser.newContext();
    const [name = "", value = ""] = (await api.signIn()).cookie.split("=");
    await context.addCookies([{ name, value, url: api.url }]);
    const page = await context.newPage();
    const hosts = new Set<string>();
    page.on("response", (response) => hosts.add(new URL(response.url()).origin));
    const answer = await page.goto(`${api.url}/admin/queues`);
    for (const queue of queueNames)
      await page.getByRole("link", { name: queue, exact: true }).first().waitFor();
    expect([...hosts]).toEqual([api.url]);
    expect(await answer?.text()).not.toMatch(/(href|src)="(https?:)?\/\//);
  });
});
