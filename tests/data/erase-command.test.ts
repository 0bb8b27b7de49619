import { stat } from "node:fs/promises";
import { join } from "node:path";
import { aTechnician } from "../support/factories.ts";
import { testPipeline } from "../support/pipeline.ts";
import { makeInstallation } from "../support/program.ts";
import { aCustomerWithHistory, SECRETS, findTraces } from "../support/personal-data.ts";
import { productProgram } from "../support/programs.ts";

describe("the data commands", () => {
  it("preview an erasure, erase with --yes, export and import", async () => {
    const { test, pipeline } = await testPipeline();
    await aTechnician(test.db);
    const { customer_id } = await aCustomerWithHistory(pipeline);
    const desk = await makeInstallation({}, productProgram());
    const env = { DATABASE_URL: test.url };
    const run = async (...args: string[]) => {
      const { exit, stdout, stderr } = desk.run(args, env);
      return { code: await exit, output: stdout() + stderr() };
    };
    try {
      const preview = await run("erase", customer_id);
      expect(preview).toMatchObject({ code: 0 });
      expect(preview.output).toContain(`To erase, run: countersign erase ${customer_id} --yes`);
      expect(await findTraces(test.db.manager, SECRETS)).not.toEqual([]);
      expect(await run("erase", customer_id, "--yes")).toMatchObject({ code: 0 });
      expect(await findTraces(test.db.manager, SECRETS)).toEqual([]);

      const csv = join(desk.dataDir, "..", "contacts.csv");
      expect(await run("export", "contacts", "--out", csv)).toMatchObject({ code: 0 });
      expect((await stat(csv)).mode & 0o077).toBe(0);
      const nowhere = await run("export", "contacts", "--out", join(csv, "nowhere.csv"));
      expect(nowhere).toEqual({
        code: 1,
        output: expect.stringMatching(/^countersign: --out: .*\n$/) as string,
      });
      expect(await run("import", csv)).toMatchObject({
        code: 0,
        output: expect.stringContaining("1 contact created") as string,
      });
      expect(await run("import", "nowhere.csv")).toMatchObject({ code: 2 });
    } finally {
      await desk.clear();
      await test.drop();
    }
  });
});
