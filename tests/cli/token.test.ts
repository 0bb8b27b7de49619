import { makeAgentLookup } from "../../src/identity/tokens.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { productProgram } from "../support/programs.ts";
import { type Installation, makeInstallation } from "../support/program.ts";

describe("countersign token", () => {
  let test: TestDatabase;
  let desk: Installation;
  beforeAll(async () => {
    [test, desk] = [await testDatabase(), await makeInstallation({}, productProgram())];
  });
  afterAll(async () => {
    await desk.clear();
    await test.drop();
  });

  async function token(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const run = desk.run(["token", ...args], { DATABASE_URL: test.url });
    const code = await run.exit;
    return { code, out: run.stdout(), err: run.stderr() };
  }
  const works = async (secret: string) =>
    (await makeAgentLookup(test.db)(`Bearer ${secret.trim()}`, new Date())) !== null;

  it("creates, lists and revokes tokens", async () => {
    const night = await token("create", "--name", "Night shift", "--expires", "90d");
    expect(night).toMatchObject({ code: 0, out: expect.stringMatching(/^cs_[\w-]{43}\n$/) });
    const day = await token("create", "--name", "Day");
    expect(await works(night.out)).toBe(true);

    const instant = /\d{4}-\d\d-\d\dT[\d:.]+Z/.source;
    const { out } = await token("list");
    const [head, ...lines] = out.trimEnd().split("\n");
    expect(head).toMatch(/^NAME {9}STATUS {2}LAST USED +EXPIRES +CREATED$/);
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^Day {10}live {4}never +never +${instant}$`)),
      expect.stringMatching(new RegExp(`^Night shift {2}live {4}${instant} +${instant} +${instant}$`)),
    ]);
    for (const secret of [night.out, day.out]) expect(out).not.toContain(secret.trim());

    expect(await token("revoke", "Night shift")).toEqual({
      code: 0,
      out: expect.stringMatching(/^The token "Night shift" is revoked since .+Z\.\n$/),
      err: "",
    });
    expect([await works(night.out), await works(day.out)]).toEqual([false, true]);
    expect((await token("list")).out).toMatch(/^Night shift {2}revoked/m);
  }, 120_000);

  it.each([
    ["a name that is taken", ["create", "--name", "day"], /Another token has the name "day"\. .*token list/],
    ["a time without a unit", ["create", "--name", "New", "--expires", "90"], /--expires .*such as "72h"/],
    ["a name that no token has", ["revoke", "Nobody"], /No token has the name "Nobody"\. .*token list/],
  ])("exits with 1 and one line about %s", async (_, args, line) => {
    const { code, out, err } = await token(...args);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(line);
    expect(err.trim().split("\n")).toHaveLength(1);
  });
});
