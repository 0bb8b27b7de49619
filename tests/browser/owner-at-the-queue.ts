import type { Browser, Locator, Page } from "playwright-core";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import { launchBrowser } from "../support/browser.ts";
import { startApp, type TestApp, type Session } from "../support/app.ts";
import { aCustomerWithHistory, aPerson, askToDelete, type Person, signInByForm } from "./person.ts";

export const OWNER = { OWNER_EMAIL: "olive@example.com", OWNER_PASSWORD: "correct horse battery" };
export const REASONING = "User confirmed Johnsons moved out of state.";
/** What `aPerson` watches for, and must not find. */
export const NONE = { dialogs: [], foreignRequests: [], violations: [] };

/** An app and a browser for the tests of a file; before each test its owner is signed in on a new page. */
export function ownerAtTheQueue() {
  let app: TestApp;
  let browser: Browser;
  /** A second session of the same owner. */
  let elsewhere: Session;
  let state: Awaited<ReturnType<Person["context"]["storageState"]>>;
  let person: Person;
  let page: Page;
  /** The last one that `parked` made. */
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

  return {
    now: () => ({ app, browser, elsewhere, state, person, page, customer }),
    parked,
    pathOf,
    cardOf,
    exists,
    statusTool,
    press,
    main,
  };
}
