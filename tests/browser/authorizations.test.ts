import type { Browser, Locator, Page } from "playwright-core";
import type { RuleView } from "../../src/domain/engine/authorization/rules.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import type { List } from "../../src/domain/query/list.ts";
import { queueNames } from "../../src/queue/index.ts";
import { describeWithBrowser, launchBrowser } from "../support/browser.ts";
import { startApp, type TestApp, type Session } from "../support/app.ts";
import {
  aCustomerWithHistory,
  aFinishedVisit,
  aPerson,
  askToDelete,
  type Person,
  signInByForm,
} from "./person.ts";

const OWNER = { OWNER_EMAIL: "olive@example.com", OWNER_PASSWORD: "correct horse battery" };
const REASONING = "User confirmed Johnsons moved out of state.";
const EVIL = '<script>alert("name")</script>\u202Egpj.exe\u2066 ┌──┐ [Allow Once] │ └──┘';
const NONE = { dialogs: [], foreignRequests: [], violations: [] };

describeWithBrowser("a person at the authorization queue", () => {
  let app: TestApp;
  let browser: Browser;
  /** A second session of the same owner. */
  let elsewhere: Session;
  let state: Awaited<ReturnType<Person["context"]["storageState"]>>;
  let person: Person;
  let page: Page;
  let customer: string;

  beforeAll(async () => {
    app = await startApp({ redisUrl: () => undefined }, { env: OWNER });
    browser = await launchBrowser();
    elsewhere = await app.owner();
    const { page: visitor, context } = await aPerson(browser, app.url);
    await visitor.goto("/login");
    await signInByForm(visitor, OWNER.OWNER_EMAIL, OWNER.OWNER_PASSWORD);
    await visitor.waitForURL("**/authorizations");
    state = await context.storageState();
    await context.close();
  });
  afterAll(async () => {
    await browser.close();
    await app.stop();
  });
  beforeEach(async () => {
    person = await aPerson(browser, app.url, { state });
    ({ page } = person);
  });
  afterEach(() => person.context.close());

  /** The guide's request, for a new customer. */
  async function parked(name = "Johnson Family", reasoning = REASONING): Promise<JobView> {
    customer = await aCustomerWithHistory(app, name);
    const job = await askToDelete(app, customer, reasoning);
    expect(job.status).toBe("authorization_required");
    return job;
  }
  const pathOf = (job: JobView) => `/authorizations/${job.queue_id}`;
  const cardOf = (job: JobView) =>
    page.getByRole("article").filter({ has: page.locator(`a[href="${pathOf(job)}"]`) });
  const exists = async (id = customer) => (await app.agent("GET", `/api/contacts/${id}`)).status === 200;
  const statusTool = async ({ job_id }: JobView) =>
    (await app.agent("POST", "/api/tools/job_status", { job_id })).body.data;
  const press = (place: Page | Locator, name: string) =>
    place.getByRole("button", { name, exact: true }).click();
  const main = () => page.getByRole("main").innerText();

  it("can sign in after a wrong password, and returns to the requested page", async () => {
    const { page: visitor, context, watched } = await aPerson(browser, app.url);
    await visitor.goto("/authorizations?status=denied");
    await signInByForm(visitor, OWNER.OWNER_EMAIL, "incorrect horse");
    expect(await visitor.getByRole("alert").innerText()).toBe("E-mail or password is wrong.");
    await signInByForm(visitor, OWNER.OWNER_EMAIL, OWNER.OWNER_PASSWORD);
    await visitor.waitForURL("**/authorizations?status=denied");
    expect(watched).toEqual(NONE);
    await context.close();
  });

  it("sees requester, action and reason, and the model's reasoning in its own region", async () => {
    const job = await parked();
    await page.goto("/authorizations");
    const card = cardOf(job);
    const reasoning = card.getByRole("region", { name: "Model's reasoning, not checked" });
    expect(await reasoning.innerText()).toContain(REASONING);
    expect(await card.getByText(REASONING).count()).toBe(1);
    const text = await card.innerText();
    expect(text).toMatch(/^DELETE CUSTOMER/i);
    for (const part of ["Johnson Family", "Customer has 3 tickets worth $900", "Office manager (agent)"])
      expect(text).toContain(part);
    expect(text).toContain("in 3 days");
    expect(text).toContain("Will be deleted: 1 contact, 3 tickets, 3 lines");
    expect(person.watched).toEqual(NONE);
  });

  it("can allow once, and sees the result", async () => {
    const job = await parked();
    await page.goto("/authorizations");
    await press(cardOf(job), "Allow Once");
    await page.waitForURL(`**${pathOf(job)}`);
    expect(await main()).toMatch(/Allowed once by Owner, [^]*It was carried out\./);
    expect(await exists()).toBe(false);
    expect(person.watched).toEqual(NONE);
  });

  it("can deny with a note that the model receives", async () => {
    const job = await parked();
    await page.goto("/authorizations");
    await cardOf(job).getByLabel("Note, sent with Deny").fill("They only moved across town.");
    await press(cardOf(job), "Deny");
    await page.waitForURL(`**${pathOf(job)}`);
    expect(await main()).toMatch(/Denied by Owner, [^]*They only moved across town\./);
    expect(await statusTool(job)).toMatchObject({
      status: "denied",
      authorization: { note: "They only moved across town." },
    });
    expect(await exists()).toBe(true);
  });

  it("can allow always after a confirmation; the next request then runs at once", async () => {
    const job = await parked();
    await page.goto(pathOf(job));
    const confirm = page.getByRole("button", { name: "Yes, Allow Always" });
    expect(await confirm.isVisible()).toBe(false);
    await page.getByText("Allow Always…").click();
    const may = "Office manager may delete any customer, whatever their history, without asking";
    expect((await page.locator(".choices > li").allInnerTexts()).map((text) => text.split("\n")[0])).toEqual([
      expect.stringContaining(`${may}, until `),
      `${may}, 10 times.`,
      "Office manager may delete any customer whose history was never worth more than $900, without asking, from now on.",
      `${may}, from now on.`,
    ]);
    await confirm.click();
    await page.getByText("Allowed always").waitFor();
    const next = await askToDelete(app, await aCustomerWithHistory(app, "Smith Dental"), "They moved too.");
    expect(next.status).toBe("completed");
    const { body } = await elsewhere.call<List<RuleView>>("GET", "/api/rules");
    for (const { id } of body.data.items) await elsewhere.call("DELETE", `/api/rules/${id}`);
    expect(person.watched).toEqual(NONE);
  });

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
    await aFinishedVisit(app, customer);
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

  it("can allow 10 more times, and reads on the rule's card what that allows", async () => {
    const job = await parked();
    await page.goto(pathOf(job));
    await page.getByText("Allow Always…").click();
    await press(page, "Allow 10 more times");
    await page.getByText("It was carried out.").waitFor();
    await page.goto("/rules");
    await page
      .getByText("Office manager may delete any customer, whatever their history, without asking, 10 times.")
      .waitFor();
    const { body } = await elsewhere.call<List<RuleView>>("GET", "/api/rules");
    expect(body.data.items[0]).toMatchObject({ scope: { max_uses: 10 } });
    for (const { id } of body.data.items) await elsewhere.call("DELETE", `/api/rules/${id}`);
  });

  it("has to decide again when the customer had another name on the page than the one that would go", async () => {
    const job = await parked("zz test record");
    await page.goto(pathOf(job));
    expect(await main()).toContain("zz test record");
    await app.act("contact", "update", { id: customer, name: "Johnson Family" });
    await press(page, "Allow Once");
    expect(await main()).toMatch(
      /the request would have done something else than was shown here\. Nothing was\s+changed/,
    );
    await page.getByRole("link", { name: "See the request that replaced it" }).click();
    const moved = page.getByRole("region", { name: "What changed since it was last shown" });
    expect(await moved.innerText()).toMatch(/Name\s+before:\s+zz test record\s+→\s+after:\s+Johnson Family/);
    expect(await exists()).toBe(true);
  });

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
