import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { signIn } from "../support/app.ts";
import { testDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import {
  makeInstallation,
  type Installation,
  type FirstRun,
  NOBODY,
  PROGRAM,
  type Run,
} from "../support/program.ts";
import { productProgram } from "../support/programs.ts";
import { callApi, endsCleanly, firstStart } from "../support/first-start.ts";

const countOf = async (url: string, type: string, token: string): Promise<number> =>
  ((await callApi(url, `/api/${type}?limit=1`, token)).data as { total: number }).total;

/** Runs the unbundled program; the tests below run the bundle. */
describe("countersign start, on a bare machine", () => {
  const { now, start } = firstStart();
  let installation: Installation;
  let running: Run;
  let url: string;
  let first: FirstRun;
  let customers: number;
  beforeEach(() => void ({ installation, running, url, first } = now()));

  it("creates a password link with its own address", async () => {
    const [link = ""] = (await installation.command("invite", "--email", first.owner_email)).split("\n");
    expect(new URL(link).origin).toBe(url);
    expect((await fetch(link)).status).toBe(200);
  });

  it("loads the demo business while it runs", async () => {
    expect(await installation.command("demo", "--weeks", "1")).toMatch(
      /^The demo business is loaded: \d+ customers/,
    );
    customers = await countOf(url, "contacts", first.agent_token);
    expect(customers).toBeGreaterThan(4);
  });

  it("lets commands use its data while it is stopped; loading the demo again adds nothing", async () => {
    await endsCleanly(installation, running, "SIGINT");
    const token = (await installation.command("token", "create", "--name", "Day shift")).trim();
    await installation.command("demo", "--weeks", "1");
    expect(await installation.postgres()).toEqual([]);
    await start();
    ({ url } = now());
    expect(await callApi(url, "/api/contacts", token)).toMatchObject({ status: 200 });
    expect(await countOf(url, "contacts", token)).toBe(customers);
  }, 120_000);

  it("does not print the credentials again, and updates the address in the file", async () => {
    expect(running.stdout()).toBe(`ready ${url}\n`);
    expect(await installation.firstRun()).toEqual({ ...first, url, mcp_url: `${url}/mcp` });
  });

  it("starts with its data after all processes were killed with SIGKILL", async () => {
    expect(await installation.postgres()).not.toEqual([]);
    await installation.killAll();
    await start();
    ({ url } = now());
    expect(await countOf(url, "contacts", first.agent_token)).toBe(customers);
    await signIn(url, first.owner_email, first.owner_password);
  });

  it("exits with 0 on SIGTERM and leaves no process", () => endsCleanly(installation, running, "SIGTERM"));
});

describe("countersign start, interrupted", () => {
  let installation: Installation;
  const owner = { OWNER_EMAIL: "olive@example.com", OWNER_PASSWORD: "correct horse battery" };
  const cluster = () => join(installation.dataDir, "postgres", "data", "PG_VERSION");

  beforeAll(async () => {
    installation = await makeInstallation({}, productProgram());
  });
  afterAll(() => installation.clear());

  it("stops PostgreSQL when the signal arrives during the start", async () => {
    const run = installation.run(["start"], owner);
    await eventually(async () => expect(await installation.postgres()).not.toEqual([]));
    expect(existsSync(cluster())).toBe(true);
    await endsCleanly(installation, run, "SIGINT");
    expect(run.stdout()).toBe("");
  });

  it("then starts normally, with the owner from the environment", async () => {
    const run = installation.run(["start"], owner);
    const url = await run.ready;
    expect(await installation.firstRun()).toMatchObject({
      owner_email: owner.OWNER_EMAIL,
      owner_password: owner.OWNER_PASSWORD,
    });
    await signIn(url, owner.OWNER_EMAIL, owner.OWNER_PASSWORD);
    await endsCleanly(installation, run, "SIGINT");
  });
});

describe("countersign with wrong settings or arguments", () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await makeInstallation({}, productProgram());
  });
  afterAll(() => installation.clear());

  const shut = { DATABASE_URL: "postgres://me:secret@127.0.0.1:1/crm" };
  it.each<[string, string[], Record<string, string>, RegExp]>([
    ["a port that is none", ["start"], { PORT: "http" }, /^countersign: PORT: got "http"; wants .+\n$/],
    ["a database that is not there", ["start"], shut, /^countersign: DATABASE_URL: .*ECONNREFUSED.+\n$/],
    ["the same, by a command", ["demo"], shut, /^countersign: DATABASE_URL: .*ECONNREFUSED.+\n$/],
    ["an owner's database alone", ["start"], { DATABASE_OWNER_URL: "postgres://a/b" }, /DATABASE_URL.+\n$/],
    ["a folder that is a file", ["demo"], { DATA_DIR: PROGRAM }, /^countersign: DATA_DIR: .+\n$/],
    ["a service that it does not have", ["start", "--services", "api,cook"], {}, /"api,cook"; wants .+\n$/],
    ["a command that it does not have", ["serve"], {}, /unknown command 'serve'\n$/],
    ["a token without a name", ["token", "create"], {}, /--name.+\n$/],
  ])("exits with 1 and one line about %s", async (_, args, env, line) => {
    const run = installation.run(args, env);
    expect({ code: await run.exit, said: run.stdout() }).toEqual({ code: 1, said: "" });
    expect(run.stderr()).toMatch(line);
    expect(run.stderr().trim().split("\n")).toHaveLength(1);
    expect(run.stderr()).not.toContain("secret");
  });

  it("exits with 1 and one line when the port is in use", async () => {
    const database = await testDatabase();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo; // A TCP server has no other kind.
    const run = installation.run(["start"], { DATABASE_URL: database.url, PORT: String(port) });
    expect(await run.exit).toBe(1);
    expect(run.stderr()).toMatch(new RegExp(`^countersign: PORT: .*${port}.*\\n$`));
    other.close();
    await database.drop();
  });
});

describe("countersign start, in parts", () => {
  it("accepts a request in one process and runs it in another with the same database", async () => {
    const [installation, database] = [await makeInstallation({}, productProgram()), await testDatabase()];
    const env = { DATABASE_URL: database.url };
    try {
      const api = installation.run(["start", "--services", "api"], env);
      const url = await api.ready;
      const { agent_token } = await installation.firstRun();
      const request = (path: string, body?: unknown) =>
        fetch(new URL(path, url), {
          headers: { authorization: `Bearer ${agent_token}`, "content-type": "application/json" },
          ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
        });
      const wish = { domain: "contact", action: "create", data: { name: "Martha" } };
      const accepted = await request("/api/actions", wish);
      const { data } = (await accepted.json()) as { data: { job_id: string; status: string } };
      expect({ http: accepted.status, status: data.status }).toEqual({ http: 202, status: "queued" });

      const worker = installation.run(["start", "--services", "worker"], env);
      expect(await worker.ready).toBe("(workers)");
      const answer = await request(`/api/jobs/${data.job_id}?wait=20`);
      expect(await answer.json()).toMatchObject({ data: { status: "completed" } });
      await endsCleanly(installation, worker, "SIGTERM");
      await endsCleanly(installation, api, "SIGTERM");
    } finally {
      await installation.clear();
      await database.drop();
    }
  });
});

/** Only root can run processes as another user; other users run this whole file as ordinary users. */
function asOrdinaryUser(name: string, test: () => Promise<void>): void {
  if (process.getuid?.() !== 0) return;
  const looks = spawnSync(process.execPath, ["-e", `fs.accessSync(${JSON.stringify(PROGRAM)})`], NOBODY);
  if (looks.status === 0) it(name, test);
  else process.stderr.write(`Left out: ${name}: other OS users cannot read this folder\n`);
}

describe("countersign start, by root and by others", () => {
  asOrdinaryUser("runs everything as the ordinary user who starts it", async () => {
    const installation = await makeInstallation(NOBODY);
    try {
      const run = installation.run(["start"]);
      const url = await run.ready;
      const { agent_token, owner_email, owner_password } = await installation.firstRun();
      expect((await callApi(url, "/api/contacts", agent_token)).status).toBe(200);
      await signIn(url, owner_email, owner_password);
      const owners = await Promise.all((await installation.postgres()).map((pid) => stat(`/proc/${pid}`)));
      expect(new Set(owners.map(({ uid }) => uid))).toEqual(new Set([NOBODY.uid]));
      await endsCleanly(installation, run, "SIGINT");
    } finally {
      await installation.clear();
    }
  });
});
