import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examine, type Finding, lineOf } from "../src/doctor.ts";
import { describeOnRedis } from "./support/backends.ts";
import { type TestDatabase, testDatabase } from "./support/database.ts";
import { asOwner } from "./support/flush.ts";
import { aDesk, type Desk } from "./support/program.ts";
import { startRedis } from "./support/redis.ts";

describe("countersign doctor", () => {
  let dataDir: string;
  let test: TestDatabase;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "countersign-doctor-"));
    test = await testDatabase();
  });
  afterAll(async () => {
    await test.drop();
    await rm(dataDir, { recursive: true });
  });

  const look = (env: NodeJS.ProcessEnv) => examine({ DATA_DIR: dataDir, DATABASE_URL: test.url, ...env });
  const states = (findings: Finding[]) => findings.map(({ part, state }) => `${state} ${part}`);
  const of = (part: Finding["part"], findings: Finding[]): string => {
    const finding = findings.find((each) => each.part === part);
    return finding ? lineOf(finding) : "";
  };

  it("finds a machine well, one line for each part", async () => {
    const findings = await look({});
    expect(states(findings)).toEqual([
      "ok config",
      "ok database",
      "ok clock",
      "ok queue",
      "ok mail",
      "ok disk",
    ]);
    expect(of("database", findings)).toMatch(/^ok {3}database {2}PostgreSQL 1[5-9]\S*, \d+ ms$/);
    expect(of("clock", findings)).toMatch(/^ok {3}clock {5}differs from the database's by \d+ ms$/);
  });

  it("makes nothing where nothing has been started yet", async () => {
    const fresh = join(dataDir, "fresh");
    const findings = await look({ DATABASE_URL: "", DATA_DIR: fresh });
    expect(states(findings)).toEqual(["ok config", "ok database", "ok queue", "ok mail", "ok disk"]);
    expect(existsSync(fresh)).toBe(false);
  });

  it("names the variable that does not fit", async () => {
    const findings = await look({ PORT: "eighty" });
    expect(findings.map(lineOf)).toEqual([
      'FAIL config    PORT: got "eighty"; wants a whole number from 0 to 65535; do: correct it in the environment, then run this again',
    ]);
  });

  it("says that the mail server does not answer, and what has no way out", async () => {
    expect(of("mail", await look({}))).toBe(
      "ok   mail      no mail server, no SMS: what has no way out stays in the outbox, NOT SENT",
    );
    const down = { SMTP_URL: "smtp://office:hunter2@127.0.0.1:1", MAIL_FROM: "office@example.com" };
    const line = of("mail", await look(down));
    expect(line).toMatch(/^warn mail {6}127\.0\.0\.1:1 does not let us in \(\w+\); do: Correct SMTP_URL/);
    expect(line).not.toContain("hunter2");
  });

  it("says that the database is down, and looks at the rest all the same", async () => {
    const findings = await look({ DATABASE_URL: "postgres://somebody:hunter2@127.0.0.1:1/none" });
    expect(of("database", findings)).toMatch(/^FAIL database {2}.*ECONNREFUSED.*; do: start it/);
    expect(of("disk", findings)).toMatch(/^ok {3}disk .* GB free/);
    expect(findings.map(lineOf).join("\n")).not.toContain("hunter2");
  });

  it("sees a database that an older, a newer or another program has left", async () => {
    const last = "(SELECT max(id) FROM migrations)";
    await asOwner(test.url, `UPDATE migrations SET name = 'Later2000000000000' WHERE id = ${last}`);
    expect(of("database", await look({}))).toMatch(
      /^FAIL .*newer Countersign.*Later.*; do: update this one$/,
    );
    await asOwner(test.url, `DELETE FROM migrations WHERE id = ${last}`);
    expect(of("database", await look({}))).toMatch(/^warn .*1 migrations? to come; do: start Countersign/);
    await asOwner(test.url, "DROP SCHEMA bullmq CASCADE; DROP TABLE migrations");
    const findings = await look({});
    expect(of("database", findings)).toMatch(/^ok .*empty: the first start fills it$/);
    expect(of("queue", findings)).toMatch(/^ok .*the first start does it$/);
  });

  it("sees a data folder that nobody can write to", async () => {
    const findings = await look({ DATA_DIR: "/proc/nowhere" });
    expect(of("disk", findings)).toMatch(/^FAIL disk .*; do: /);
  });

  describeOnRedis("looks at Redis", () => {
    const withRedis = async (settings: Record<string, string>): Promise<string> => {
      const redis = await startRedis(settings);
      return of("queue", await look({ REDIS_URL: redis.url }).finally(() => redis.stop()));
    };

    it("and wants it to evict nothing and to keep a file", async () => {
      expect(await withRedis({ appendonly: "yes" })).toMatch(
        /^ok {3}queue {5}(Redis|Valkey) \d\S* at .*, \d+ ms$/,
      );
      expect(await withRedis({})).toMatch(
        /^warn queue .*append-only.*; do: redis-cli CONFIG SET appendonly yes/,
      );
      expect(await withRedis({ "maxmemory-policy": "allkeys-lru" })).toMatch(
        /^FAIL queue .*allkeys-lru.*; do: .*maxmemory-policy noeviction/,
      );
    });

    it("and says where there is none", async () => {
      const line = of("queue", await look({ REDIS_URL: "redis://127.0.0.1:1" }));
      expect(line).toMatch(/^FAIL queue {5}Redis at 127\.0\.0\.1:1 does not serve us.*; do: Start it/);
    });
  });
});

describe("countersign doctor, beside the embedded database", () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await aDesk();
  });
  afterAll(() => desk.clear());

  it("works while Countersign runs and while it does not, and leaves things as they were", async () => {
    const running = desk.run(["start"]);
    await running.ready;
    const well =
      /^ok .*\nok {3}database {2}PostgreSQL .*\nok {3}clock .*\nok {3}queue .*\nok {3}mail .*\nok {3}disk .*\n$/;
    expect(await desk.command("doctor")).toMatch(well);
    expect(await desk.postgres()).not.toEqual([]);
    running.signal("SIGTERM");
    expect(await running.exit).toBe(0);
    expect(await desk.command("doctor")).toMatch(well);
    expect(await desk.postgres()).toEqual([]);
  });

  it("exits 1 where something fails", async () => {
    const run = desk.run(["doctor"], { PORT: "eighty" });
    run.ready.catch(() => undefined);
    expect(await run.exit).toBe(1);
    expect(run.stdout()).toMatch(/^FAIL config/);
  });
});
