import type { Browser, Page } from "playwright-core";
import type { RuleView } from "../../src/domain/engine/authorization/rules.ts";
import type { List } from "../../src/domain/query/list.ts";
import { describeWithBrowser } from "../support/browser.ts";
import type { TestApp, Session } from "../support/app.ts";
import { aCustomerWithHistory, aPerson, askToDelete, type Person, signInByForm } from "./person.ts";
import { NONE, OWNER, ownerAtTheQueue, REASONING } from "./owner-at-the-queue.ts";

describeWithBrowser("a person at the authorization queue", () => {
  const { now, parked, pathOf, cardOf, exists, statusTool, press, main } = ownerAtTheQueue();
  let app: TestApp;
  let browser: Browser;
  let elsewhere: Session;
  let person: Person;
  let page: Page;
  beforeEach(() => void ({ app, browser, elsewhere, person, page } = now()));

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

  it("can change the request without scripts, sees what it would do then, and allows that", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 6; n++) {
      const { result } = await app.act("contact", "create", { name: `Leaving customer ${n}` });
      ids.push((result as { id: string }).id);
    }
    const job = await app.act("contact", "bulk_delete", { ids }, { reasoning: REASONING });
    const plain = await aPerson(browser, app.url, { state: now().state, scripts: false });
    await plain.page.goto(pathOf(job));
    await plain.page.getByText("Change it…").click();
    const boxes = plain.page.getByRole("group", { name: "Records" }).getByRole("checkbox");
    expect(await boxes.count()).toBe(ids.length);
    for (const box of await boxes.all()) await box.uncheck();
    await press(plain.page, "Show what it would do then");
    expect(await plain.page.getByRole("alert").innerText()).toContain("ids");

    await plain.page.getByLabel("Leaving customer 0").check();
    await press(plain.page, "Show what it would do then");
    await plain.page.getByRole("region", { name: "What Owner changed in the request" }).waitFor();
    expect(plain.page.url()).not.toContain(pathOf(job));
    expect(await plain.page.getByRole("main").innerText()).toContain("Will be deleted: 1 contact");
    await press(plain.page, "Allow Once");
    await plain.page.getByText("It was carried out.").waitFor();
    expect(await exists(ids[0])).toBe(false);
    expect(await exists(ids[1])).toBe(true);
    expect(plain.watched).toEqual(NONE);

    await page.goto(pathOf(job));
    expect(await main()).toContain("Owner changed the request. See the request that replaced it");
    expect(await statusTool(job)).toMatchObject({
      status: "completed",
      authorization: { edited: { by: "Owner", fields: ["ids"] } },
    });
    await plain.context.close();
  });

  it("can allow always after a confirmation; the next request then runs at once", async () => {
    const job = await parked();
    await page.goto(pathOf(job));
    const confirm = page.getByRole("button", { name: "Yes, Allow Always" });
    expect(await confirm.isVisible()).toBe(false);
    await page.getByText("Allow Always…").click();
    const buttons = await page
      .locator("details.always .choices, details.always > .panel")
      .first()
      .getByRole("button")
      .all();
    for (const button of buttons) expect((await button.innerText()).trim()).not.toBe("");
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
});
