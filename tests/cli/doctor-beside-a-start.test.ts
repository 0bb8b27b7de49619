import { type Installation, makeInstallation } from "../support/program.ts";
import { productProgram } from "../support/programs.ts";

describe("countersign doctor, beside the embedded database", () => {
  let desk: Installation;
  beforeAll(async () => {
    desk = await makeInstallation({}, productProgram());
  });
  afterAll(() => desk.clear());

  it("works while Countersign runs and while it does not, and changes nothing", async () => {
    const running = desk.run(["start"]);
    await running.ready;
    const well =
      /^ok .*\nok {3}database {2}PostgreSQL .*\nok {3}clock .*\nok {3}queue .*(\nok {3}schedule .*)+\nok {3}mail .*\nok {3}disk .*\n$/;
    expect(await desk.command("doctor")).toMatch(well);
    expect(await desk.postgres()).not.toEqual([]);
    running.signal("SIGTERM");
    expect(await running.exit).toBe(0);
    expect(await desk.command("doctor")).toMatch(well);
    expect(await desk.postgres()).toEqual([]);
  });
});
