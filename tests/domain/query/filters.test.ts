import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { theSettings } from "../../support/factories.ts";
import { asking, ids, types } from "./asking.ts";
import { FILTER_CASES } from "./filter-cases.ts";
import { MAKERS, type References, references } from "./makers.ts";
import { SORT_CASES } from "./sort-cases.ts";

let database: TestDatabase;
let known: References;
beforeAll(async () => {
  database = await testDatabase();
  await theSettings(database.db);
  known = await references(database.db);
});
afterAll(() => database.drop());
const { pages } = asking(() => database);

const make = async (type: string, values: Record<string, unknown>) => {
  const maker = MAKERS[type];
  if (!maker) throw new Error(`MAKERS has no ${type}`);
  return (await maker(database.db, values)).id;
};

/** `tickets.status` of every declared filter, or sort. */
const declared = (of: "filters" | "sorts") =>
  [...types.values()].flatMap((type) =>
    Object.keys(type[of]).map((name) => [`${type.type}.${name}`] as const),
  );

describe("filters", () => {
  it("each have a case in this test", () => {
    expect(Object.keys(FILTER_CASES).sort()).toEqual(
      declared("filters")
        .map(([name]) => name)
        .sort(),
    );
  });

  it.each(declared("filters"))("return the row that matches %s and not the other one", async (name) => {
    const [type = "", filter = ""] = name.split(".");
    const filterCase = FILTER_CASES[name]?.(known);
    if (!filterCase) throw new Error(`FILTER_CASES has no ${name}`);
    const { value, fits, other } = filterCase;
    const made = [await make(type, fits), await make(type, other)];
    const found = ids(await pages({ type, filters: { [filter]: value }, limit: 100 }));
    expect(made.filter((id) => found.includes(id))).toEqual([made[0]]);
  });
});

describe("sorts", () => {
  it("each have a case in this test", () => {
    expect(Object.keys(SORT_CASES).sort()).toEqual(
      declared("sorts")
        .map(([name]) => name)
        .sort(),
    );
  });

  it.each(declared("sorts"))("order rows by %s in both directions", async (name) => {
    const [type = "", sort = ""] = name.split(".");
    const made: string[] = [];
    // Rows are not written in the order of the sort, except where a sequence gives the numbers.
    for (const place of name === "tickets.number" ? [0, 1, 2] : [1, 2, 0])
      made[place] = await make(type, SORT_CASES[name]?.[place] ?? {});
    for (const [by, expected] of [
      [sort, made],
      [`-${sort}`, made.toReversed()],
    ] as const) {
      const found = ids(await pages({ type, sort: by, limit: 100 }));
      expect({ by, order: found.filter((id) => made.includes(String(id))) }).toEqual({ by, order: expected });
    }
  });
});
