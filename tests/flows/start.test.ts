import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { signIn } from "../support/house.ts";
import { testDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { aDesk, type Desk, type FirstRun, NOBODY, PROGRAM, type Run } from "../support/program.ts";

/** What an agent with this token is answered. */
async function asked(url: string, path: string, token: string): Promise<{ status: number; data: unknown }> {
  const response = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } });
  const { data } = (await response.json()) as { data: unknown };
  return { status: response.status, data };
}

const countOf = async (url: string, type: string, token: string): Promise<number> =>
  ((await asked(url, `/api/${type}?limit=1`, token)).data as { total: number }).total;

/** Ends it as a person or a supervisor does, and looks round. */
async function endsCleanly(desk: Desk, run: Run, signal: NodeJS.Signals): Promise<void> {
  const late = AbortSignal.timeout(10_000);
  run.signal(signal);
  expect({ code: await run.exit, late: late.aborted, left: await desk.postgres() }).toEqual({
    code: 0,
    late: false,
    left: [],
  });
}

describe("countersign start, on a bare machine", () => {
  let desk: Desk;
  let running: Run;
  let url: string;
  let first: FirstRun;
  let customers: number;

  const start = async () => {
    running = desk.run(["start"]);
    url = await running.ready;
  };
  beforeAll(async () => {
    desk = await aDesk();
    await start();
    first = await desk.firstRun();
  });
  afterAll(() => desk.clear());

  it("hands out what it takes to come in, once: in words and in a file for its owner's eyes", async () => {
    expect(first).toEqual({
      url,
      mcp_url: `${url}/mcp`,
      owner_email: "owner@countersign.local",
      owner_password: expect.stringMatching(/^[\w-]{20}$/),
      agent_token: expect.stringMatching(/^cs_[\w-]{43}$/),
    });
    expect((await stat(join(desk.dataDir, "first-run.json"))).mode & 0o777).toBe(0o600);
    const said = running.stdout();
    expect(said).toMatch(/^First start: [^]*\nready http:\/\/localhost:[1-9]\d*\n$/);
    for (const word of Object.values(first)) expect(said).toContain(word);
  });

  it("serves at once: the agent asks, the owner signs in, a technician is there to book", async () => {
    expect(await asked(url, "/api/contacts", first.agent_token)).toMatchObject({ status: 200 });
    expect((await signIn(url, first.owner_email, first.owner_password)).csrf).not.toBe("");
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it("makes another token, which works, while it runs", async () => {
    const token = (await desk.command("token", "create", "--name", "Night shift")).trim();
    expect(await asked(url, "/api/contacts", token)).toMatchObject({ status: 200 });
  });

  it("makes a link for who forgot a password, which leads to where it runs", async () => {
    const [link = ""] = (await desk.command("invite", "--email", first.owner_email)).split("\n");
    expect(new URL(link).origin).toBe(url);
    expect((await fetch(link)).status).toBe(200);
  });

  it("takes the demo business in while it runs", async () => {
    expect(await desk.command("demo", "--weeks", "1")).toMatch(/^The demo business is loaded: \d+ customers/);
    customers = await countOf(url, "contacts", first.agent_token);
    expect(customers).toBeGreaterThan(4);
  });

  it("ends with 0 on Ctrl-C and leaves no process", () => endsCleanly(desk, running, "SIGINT"));

  it("lends its data to commands while it does not run; the demo adds nothing twice", async () => {
    const token = (await desk.command("token", "create", "--name", "Day shift")).trim();
    await desk.command("demo", "--weeks", "1");
    expect(await desk.postgres()).toEqual([]);
    await start();
    expect(await asked(url, "/api/contacts", token)).toMatchObject({ status: 200 });
    expect(await countOf(url, "contacts", token)).toBe(customers);
  }, 120_000);

  it("tells no credentials again, and puts the new address into the file", async () => {
    expect(running.stdout()).toBe(`ready ${url}\n`);
    expect(await desk.firstRun()).toEqual({ ...first, url, mcp_url: `${url}/mcp` });
  });

  it("goes on where it was after the kill -9 of everything", async () => {
    expect(await desk.postgres()).not.toEqual([]);
    await desk.killAll();
    await start();
    expect(await countOf(url, "contacts", first.agent_token)).toBe(customers);
    await signIn(url, first.owner_email, first.owner_password);
  });

  it("ends with 0 on SIGTERM and leaves no process", () => endsCleanly(desk, running, "SIGTERM"));
});

describe("countersign start, interrupted", () => {
  let desk: Desk;
  const owner = { OWNER_EMAIL: "olive@example.com", OWNER_PASSWORD: "correct horse battery" };
  const cluster = () => join(desk.dataDir, "postgres", "data", "PG_VERSION");

  beforeAll(async () => {
    desk = await aDesk();
  });
  afterAll(() => desk.clear());

  it("stops what it had started where the signal comes half way", async () => {
    const run = desk.run(["start"], owner);
    await eventually(async () => expect(await desk.postgres()).not.toEqual([]));
    expect(existsSync(cluster())).toBe(true);
    await endsCleanly(desk, run, "SIGINT");
    expect(run.stdout()).toBe("");
  });

  it("then starts as if nothing had been, for the owner whom the environment names", async () => {
    const run = desk.run(["start"], owner);
    const url = await run.ready;
    expect(await desk.firstRun()).toMatchObject({
      owner_email: owner.OWNER_EMAIL,
      owner_password: owner.OWNER_PASSWORD,
    });
    await signIn(url, owner.OWNER_EMAIL, owner.OWNER_PASSWORD);
    await endsCleanly(desk, run, "SIGINT");
  });
});

describe("countersign, told something wrong", () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await aDesk();
  });
  afterAll(() => desk.clear());

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
  ])("says in one line what to do about %s", async (_, args, env, line) => {
    const run = desk.run(args, env);
    expect({ code: await run.exit, said: run.stdout() }).toEqual({ code: 1, said: "" });
    expect(run.stderr()).toMatch(line);
    expect(run.stderr().trim().split("\n")).toHaveLength(1);
    expect(run.stderr()).not.toContain("secret");
  });

  it("says in one line that the port is in use", async () => {
    const database = await testDatabase();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo; // A TCP server has no other kind.
    const run = desk.run(["start"], { DATABASE_URL: database.url, PORT: String(port) });
    expect(await run.exit).toBe(1);
    expect(run.stderr()).toMatch(new RegExp(`^countersign: PORT: .*${port}.*\\n$`));
    other.close();
    await database.drop();
  });
});

describe("countersign start, in parts", () => {
  it("takes requests in one process and carries them out in another, over one database", async () => {
    const [desk, database] = [await aDesk(), await testDatabase()];
    const env = { DATABASE_URL: database.url };
    try {
      const api = desk.run(["start", "--services", "api"], env);
      const url = await api.ready;
      const { agent_token } = await desk.firstRun();
      const request = (path: string, body?: unknown) =>
        fetch(new URL(path, url), {
          headers: { authorization: `Bearer ${agent_token}`, "content-type": "application/json" },
          ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
        });
      const wish = { domain: "contact", action: "create", data: { name: "Martha" } };
      const accepted = await request("/api/actions", wish);
      const { data } = (await accepted.json()) as { data: { job_id: string; status: string } };
      expect({ http: accepted.status, status: data.status }).toEqual({ http: 202, status: "queued" });

      const worker = desk.run(["start", "--services", "worker"], env);
      expect(await worker.ready).toBe("(workers)");
      const answer = await request(`/api/jobs/${data.job_id}?wait=20`);
      expect(await answer.json()).toMatchObject({ data: { status: "completed" } });
      await endsCleanly(desk, worker, "SIGTERM");
      await endsCleanly(desk, api, "SIGTERM");
    } finally {
      await desk.clear();
      await database.drop();
    }
  });
});

/** Only root can become somebody else; anybody else runs this whole file as an ordinary user. */
function asOrdinaryUser(name: string, test: () => Promise<void>): void {
  if (process.getuid?.() !== 0) return;
  const looks = spawnSync(process.execPath, ["-e", `fs.accessSync(${JSON.stringify(PROGRAM)})`], NOBODY);
  if (looks.status === 0) it(name, test);
  else process.stderr.write(`Left out: ${name}: other OS users cannot read this folder\n`);
}

describe("countersign start, by root and by others", () => {
  asOrdinaryUser("runs everything as the ordinary user who starts it", async () => {
    const desk = await aDesk(NOBODY);
    try {
      const run = desk.run(["start"]);
      const url = await run.ready;
      const { agent_token, owner_email, owner_password } = await desk.firstRun();
      expect((await asked(url, "/api/contacts", agent_token)).status).toBe(200);
      await signIn(url, owner_email, owner_password);
      const owners = await Promise.all((await desk.postgres()).map((pid) => stat(`/proc/${pid}`)));
      expect(new Set(owners.map(({ uid }) => uid))).toEqual(new Set([NOBODY.uid]));
      await endsCleanly(desk, run, "SIGINT");
    } finally {
      await desk.clear();
    }
  });
});
