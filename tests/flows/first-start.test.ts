import { stat } from "node:fs/promises";
import { join } from "node:path";
import { signIn } from "../support/app.ts";
import type { Installation, FirstRun, Run } from "../support/program.ts";
import { callApi, endsCleanly, firstStart } from "../support/first-start.ts";

describe("countersign start, on a bare machine", () => {
  const { now } = firstStart();
  let installation: Installation;
  let running: Run;
  let url: string;
  let first: FirstRun;
  beforeEach(() => void ({ installation, running, url, first } = now()));

  it("prints the first credentials and writes them to a file that only its owner can read", async () => {
    expect(first).toEqual({
      url,
      mcp_url: `${url}/mcp`,
      owner_email: "owner@countersign.local",
      owner_password: expect.stringMatching(/^[\w-]{20}$/),
      agent_token: expect.stringMatching(/^cs_[\w-]{43}$/),
    });
    expect((await stat(join(installation.dataDir, "first-run.json"))).mode & 0o777).toBe(0o600);
    const output = running.stdout();
    expect(output).toMatch(/^First start: [^]*\nready http:\/\/localhost:[1-9]\d*\n$/);
    for (const word of Object.values(first)) expect(output).toContain(word);
  });

  it("accepts the agent's token and the owner's password as soon as it is ready", async () => {
    expect(await callApi(url, "/api/contacts", first.agent_token)).toMatchObject({ status: 200 });
    expect((await signIn(url, first.owner_email, first.owner_password)).csrf).not.toBe("");
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it("accepts a token that is created while it runs", async () => {
    const token = (await installation.command("token", "create", "--name", "Night shift")).trim();
    expect(await callApi(url, "/api/contacts", token)).toMatchObject({ status: 200 });
  });

  it("exits with 0 on Ctrl-C and leaves no process", () => endsCleanly(installation, running, "SIGINT"));
});
