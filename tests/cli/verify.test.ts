import { reportOf } from "../../src/cli/verify.ts";
import type { Verification } from "../../src/data/evidence/verify.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { asAttacker, sealAll } from "../support/evidence.ts";
import { aContact } from "../support/factories.ts";
import { makeInstallation } from "../support/program.ts";
import { productProgram } from "../support/programs.ts";

const HASH = "5f".repeat(32);
const at = new Date("2026-11-29T14:02:30Z");

describe("the report of countersign verify", () => {
  const clean: Verification = {
    ...{ problems: [], head: { hash: HASH, sealed_at: at }, sealed: 1_204, waiting: 3, expired: 0 },
    ...{ erasures: [], confirmed: [] },
  };

  it("ends with the head, after what was checked", () => {
    expect(reportOf(clean).split("\n")).toEqual([
      "1,204 sealed rows checked, 3 not sealed yet.",
      "Nothing that is sealed was changed, cut or added.",
      `Head of 2026-11-29 14:02:30 UTC: ${HASH}`,
    ]);
  });

  it("names each problem, erasure, removal and confirmed head", () => {
    const found = {
      ...{
        ...clean,
        problems: ["change 7 was cut."],
        expired: 2,
        confirmed: [{ hash: HASH, sealed_at: at }],
      },
      erasures: [{ job_id: "job_1", at, rows: 12 }],
    };
    expect(reportOf(found).split("\n").slice(0, 4)).toEqual([
      "change 7 was cut.",
      "12 rows lost personal data at 2026-11-29 14:02:30 UTC, erased by job_1.",
      "2 security events of strangers were removed after 90 days.",
      `Head ${HASH} is in the chain: nothing was rewritten before 2026-11-29 14:02:30 UTC.`,
    ]);
    expect(reportOf(found)).toContain("1 problem found.");
  });

  it("counts problems above a hundred", () => {
    const problems = Array.from({ length: 102 }, (_, nth) => `change ${nth} was cut.`);
    expect(reportOf({ ...clean, problems })).toContain("… and 2 more.\n");
  });

  it("says so when nothing is sealed yet", () => {
    expect(reportOf({ ...clean, head: null })).toContain("Nothing is sealed yet");
  });
});

describe("countersign verify", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    await aContact(test.db);
    await sealAll(test);
  });
  afterAll(() => test.drop());

  it("exits 1 and names the row when the owner of the tables has changed one", async () => {
    const desk = await makeInstallation({}, productProgram());
    try {
      await asAttacker(test, `UPDATE change SET after = after || '{"notes": "x"}' WHERE id = 1`);
      const run = desk.run(["verify", "--head", HASH], { DATABASE_URL: test.url });
      expect(await run.exit).toBe(1);
      expect(run.stdout()).toMatch(/^change 1 was changed after it was sealed at 20.*\n/);
      expect(run.stdout()).toContain(`The head ${HASH} is not in the chain`);
    } finally {
      await desk.clear();
    }
  }, 120_000);
});
