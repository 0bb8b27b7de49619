import type { Browser } from "playwright-core";
import { describeWithBrowser, launchBrowser } from "../support/browser.ts";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";

describeWithBrowser("the board in a browser", () => {
  let door: FrontDoor;
  let browser: Browser;
  beforeAll(async () => {
    door = await openFrontDoor();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await door.close();
  });

  it("shows the owner every queue under the strict policy, and no request leaves for another host", async () => {
    const context = await browser.newContext();
    const [name = "", value = ""] = (await door.signIn()).cookie.split("=");
    await context.addCookies([{ name, value, url: door.url }]);
    const page = await context.newPage();
    const hosts = new Set<string>();
    page.on("response", (response) => hosts.add(new URL(response.url()).origin));
    const answer = await page.goto(`${door.url}/admin/queues`);
    for (const queue of ["actions", "awaiting-authorization", "deliveries", "schedules"])
      await page.getByRole("link", { name: queue, exact: true }).first().waitFor();
    expect([...hosts]).toEqual([door.url]);
    expect(await answer?.text()).not.toMatch(/(href|src)="(https?:)?\/\//);
  });
});
