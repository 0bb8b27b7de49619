import type { Browser, Locator, Page } from "playwright-core";
import type { JobView, List, RuleView } from "../../src/domain/core/ports.ts";
import { describeWithBrowser, launchBrowser } from "../support/browser.ts";
import { aHouse, type House, type Session } from "../support/house.ts";
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
const NONE = { dialogs: [], strangers: [], violations: [] };

describeWithBrowser("a person at the authorization queue", () => {
  let house: House;
  let browser: Browser;
  /** The same owner at another desk. */
  let elsewhere: Session;
  let state: Awaited<ReturnType<Person["context"]["storageState"]>>;
  let person: Person;
  let page: Page;
  let customer: string;

  beforeAll(async () => {
    house = await aHouse({ redisUrl: () => undefined }, { env: OWNER });
    browser = await launchBrowser();
    elsewhere = await house.owner();
    const { page: door, context } = await aPerson(browser, house.url);
    await door.goto("/login");
    await signInByForm(door, OWNER.OWNER_EMAIL, OWNER.OWNER_PASSWORD);
    await door.waitForURL("**/authorizations");
    state = await context.storageState();
    await context.close();
  });
  afterAll(async () => {
    await browser.close();
    await house.stop();
  });
  beforeEach(async () => {
    person = await aPerson(browser, house.url, { state });
    ({ page } = person);
  });
  afterEach(() => person.context.close());

  /** The guide's request, of a customer of its own. */
  async function parked(name = "Johnson Family", reasoning = REASONING): Promise<JobView> {
    customer = await aCustomerWithHistory(house, name);
    const job = await askToDelete(house, customer, reasoning);
    expect(job.status).toBe("authorization_required");
    return job;
  }
  const pathOf = (job: JobView) => `/authorizations/${job.queue_id}`;
  const cardOf = (job: JobView) =>
    page.getByRole("article").filter({ has: page.locator(`a[href="${pathOf(job)}"]`) });
  const exists = async (id = customer) => (await house.agent("GET", `/api/contacts/${id}`)).status === 200;
  const statusTool = async ({ job_id }: JobView) =>
    (await house.agent("POST", "/api/tools/job_status", { job_id })).body.data;
  const press = (place: Page | Locator, name: string) =>
    place.getByRole("button", { name, exact: true }).click();
  const main = () => page.getByRole("main").innerText();

  it("comes in by the form, after a mistake too, and is led where they wanted to go", async () => {
    const { page: door, context, watched } = await aPerson(browser, house.url);
    await door.goto("/authorizations?status=denied");
    await signInByForm(door, OWNER.OWNER_EMAIL, "incorrect horse");
    expect(await door.getByRole("alert").innerText()).toBe("E-mail or password is not right.");
    await signInByForm(door, OWNER.OWNER_EMAIL, OWNER.OWNER_PASSWORD);
    await door.waitForURL("**/authorizations?status=denied");
    expect(watched).toEqual(NONE);
    await context.close();
  });

  it("sees who asks for what and why, and the model's words set apart", async () => {
    const job = await parked();
    await page.goto("/authorizations");
    const card = cardOf(job);
    const words = card.getByRole("region", { name: "Model's reasoning, not checked" });
    expect(await words.innerText()).toContain(REASONING);
    expect(await card.getByText(REASONING).count()).toBe(1);
    const said = await card.innerText();
    expect(said).toMatch(/^DELETE CUSTOMER/i);
    for (const part of ["Johnson Family", "Customer has 3 tickets worth $900", "Office manager (agent)"])
      expect(said).toContain(part);
    expect(said).toContain("in 3 days");
    expect(said).toContain("Will be deleted: 1 contact, 3 tickets, 3 lines");
    expect(person.watched).toEqual(NONE);
  });

  it("allows once, and is told what became of it", async () => {
    const job = await parked();
    await page.goto("/authorizations");
    await press(cardOf(job), "Allow Once");
    await page.waitForURL(`**${pathOf(job)}`);
    expect(await main()).toMatch(/Allowed once by Owner, [^]*It was carried out\./);
    expect(await exists()).toBe(false);
    expect(person.watched).toEqual(NONE);
  });

  it("denies with a note, which reaches the model", async () => {
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

  it("allows always behind a second look; then the next one runs at once", async () => {
    const job = await parked();
    await page.goto(pathOf(job));
    const sure = page.getByRole("button", { name: "Yes, Allow Always" });
    expect(await sure.isVisible()).toBe(false);
    await page.getByText("Allow Always…").click();
    await sure.click();
    await page.getByText("Allowed always").waitFor();
    const next = await askToDelete(house, await aCustomerWithHistory(house, "Smith Dental"), "They too.");
    expect(next.status).toBe("completed");
    const { body } = await elsewhere.call<List<RuleView>>("GET", "/api/rules");
    for (const { id } of body.data.items) await elsewhere.call("DELETE", `/api/rules/${id}`);
    expect(person.watched).toEqual(NONE);
  });

  it("hears who was first where it was decided elsewhere, on a page that does not refresh itself", async () => {
    const job = await parked();
    const { page: still, context } = await aPerson(browser, house.url, { state, scripts: false });
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

  it("is asked again, with what moved, where a ticket arrived between the look and the click", async () => {
    const job = await parked();
    await page.goto(pathOf(job));
    await aFinishedVisit(house, customer);
    await press(page, "Allow Once");
    await page.getByRole("link", { name: "See the request that replaced it" }).click();
    const moved = page.getByRole("region", { name: "What moved since it was last shown" });
    expect(await moved.innerText()).toMatch(/Tickets\s+before:\s+3\s+→\s+after:\s+4/);
    expect(await main()).toContain("Customer has 4 tickets worth $1,200");
    expect(await exists()).toBe(true);
    await press(page, "Allow Once");
    await page.getByText("It was carried out.").waitFor();
    expect(await exists()).toBe(false);
    expect(person.watched).toEqual(NONE);
  });

  it("sees a stranger's script, reordering characters and drawn buttons as the plain text they are", async () => {
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

  it("decides by keyboard alone, and sees where they are", async () => {
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

  it("reads every page on a telephone without scrolling sideways", async () => {
    const job = await parked("W".repeat(200), "x".repeat(3_000));
    const { page: phone, context } = await aPerson(browser, house.url, { state, width: 390 });
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
    await context.close();
  });

  it("looks at the queues and cannot touch them", async () => {
    const job = await parked();
    await page.goto("/admin/queues");
    for (const name of ["actions", "awaiting-authorization", "deliveries", "schedules"])
      await page.getByRole("link", { name, exact: true }).first().waitFor();
    await page.goto("/admin/queues/queue/awaiting-authorization?status=delayed");
    await page.getByText(job.job_id).first().waitFor();
    const buttons = page.getByRole("button", { name: /promote|retry|clean|remove|delete|pause|edit|add/i });
    expect(await buttons.count()).toBe(0);
    const promote = `/admin/queues/api/queues/awaiting-authorization/${job.job_id}-1/promote`;
    expect((await elsewhere.call("PUT", promote)).status).toBe(403);
    expect((await statusTool(job)).status).toBe("authorization_required");
    expect(
      person.watched.strangers.filter((url) => !url.startsWith("https://fonts.googleapis.com/")),
    ).toEqual([]);
  });

  it("is let to the queues as the owner only", async () => {
    expect((await house.agent("GET", "/admin/queues")).status).toBe(403);
    const { page: door, context } = await aPerson(browser, house.url);
    await door.goto("/admin/queues");
    expect(new URL(door.url()).pathname).toBe("/login");
    await context.close();
  });
});
