import { findCustomers } from "../../../src/domain/contact/find.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, theSettings } from "../../support/factories.ts";
import { asking, NOW } from "./asking.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
  await aContact(test.db, { name: "Alpha Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett" });
});
afterAll(() => test.drop());

const { list } = asking(() => test);
const TEN = "alpha bravo charlie delta echo foxtrot golf hotel india juliett";

describe("a search", () => {
  it("of ten words uses all of them", async () => {
    expect(await list({ type: "contacts", search: TEN })).toMatchObject({ total: 1 });
    expect(await list({ type: "contacts", search: TEN })).not.toHaveProperty("ignored_words");
    const wrong = TEN.replace("juliett", "zzzzzzzz");
    expect(await list({ type: "services", search: wrong })).toMatchObject({ total: 0 });
  });

  it("of more words uses the first ten and names the rest", async () => {
    expect(await list({ type: "contacts", search: `${TEN} zzzzzzzz` })).toMatchObject({
      total: 1,
      ignored_words: ["zzzzzzzz"],
    });
    const letters = Array.from({ length: 100 }, () => "a").join(" ");
    const { ignored_words } = await list({ type: "messages", search: letters });
    expect(ignored_words).toHaveLength(90);
    const spread = await list({ type: "contacts", search: TEN, filters: { search: "one two" } });
    expect(spread.ignored_words).toEqual(["one", "two"]);
  });

  it("for a customer names the words beyond ten; words such as the and of do not count", async () => {
    const find = (query: string) => findCustomers(test.db, { query, include_history: false }, NOW);
    const found = await find(`the customer of ${TEN} zzzzzzzz 77`);
    expect(found.candidates).toMatchObject([{ name: expect.stringContaining("Alpha") }]);
    expect(found.ignored_words).toEqual(["juliett", "zzzzzzzz"]);
    expect(await find(`the customer of ${TEN}`)).not.toHaveProperty("ignored_words");
  });
});
