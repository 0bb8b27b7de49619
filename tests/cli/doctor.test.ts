import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { examine } from "../../src/cli/doctor.ts";
import { type Finding, lineOf } from "../../src/cli/finding.ts";
import { describeOnRedis } from "../support/backends.ts";
import { schedules } from "../../src/workers/schedules.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { asOwner } from "../support/flush-queue.ts";
import { makeInstallation, type Installation } from "../support/program.ts";
import { startRedis } from "../support/redis.ts";
import { tempFolder } from "../support/leftovers.ts";
import { productProgram } from "../support/programs.ts";

describe("countersign doctor", () => {
  let dataDir: string;
  let test: TestDatabase;
  beforeAll(async () => {
    dataDir = await tempFolder("doctor");
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

  it("reports every part of a healthy installation as ok, one line each", async () => {
    const findings = await look({});
    expect(states(findings)).toEqual([
      "ok config",
      "ok database",
      "ok clock",
      "ok queue",
      ...schedules.map(() => "ok schedule"),
      "ok mail",
      "ok disk",
    ]);
    expect(of("database", findings)).toMatch(/^ok {3}database {2}PostgreSQL 1[5-9]\S*, \d+ ms$/);
    expect(of("clock", findings)).toMatch(/^ok {3}clock {5}\d+ ms from the database's$/);
  });

  it("creates nothing before the first start", async () => {
    const fresh = join(dataDir, "fresh");
    const findings = await look({ DATABASE_URL: "", DATA_DIR: fresh });
    expect(states(findings)).toEqual(["ok config", "ok database", "ok queue", "ok mail", "ok disk"]);
    expect(existsSync(fresh)).toBe(false);
  });

  it("names the invalid variable", async () => {
    const findings = await look({ PORT: "eighty" });
    expect(findings.map(lineOf)).toEqual([
      'FAIL config    PORT: got "eighty"; wants a whole number from 0 to 65535; do: correct it in the environment, then run this again',
    ]);
  });

  it("reports no mail server, and warns when the mail server does not answer", async () => {
    expect(of("mail", await look({}))).toBe(
      "ok   mail      no mail server, no SMS: messages without a channel stay in the outbox, NOT SENT",
    );
    const down = { SMTP_URL: "smtp://office:hunter2@127.0.0.1:1", MAIL_FROM: "office@example.com" };
    const line = of("mail", await look(down));
    expect(line).toMatch(/^warn mail {6}127\.0\.0\.1:1 refuses the connection \(\w+\); do: Correct SMTP_URL/);
    expect(line).not.toContain("hunter2");
  });

  it("reports that the database is down and still checks the rest", async () => {
    const findings = await look({ DATABASE_URL: "postgres://somebody:hunter2@127.0.0.1:1/none" });
    expect(of("database", findings)).toMatch(/^FAIL database {2}.*ECONNREFUSED.*; do: start it/);
    expect(of("disk", findings)).toMatch(/^ok {3}disk .* GB free/);
    expect(findings.map(lineOf).join("\n")).not.toContain("hunter2");
  });

  it("detects a database of an older, a newer or another program", async () => {
    const last = "(SELECT max(id) FROM migrations)";
    await asOwner(test.url, `UPDATE migrations SET name = 'Later2000000000000' WHERE id = ${last}`);
    expect(of("database", await look({}))).toMatch(
      /^FAIL .*newer Countersign.*Later.*; do: update this program$/,
    );
    await asOwner(test.url, `DELETE FROM migrations WHERE id = ${last}`);
    expect(of("database", await look({}))).toMatch(/^warn .*1 migrations are missing; do: start Countersign/);
    await asOwner(test.url, "DROP SCHEMA bullmq CASCADE; DROP TABLE migrations");
    const findings = await look({});
    expect(of("database", findings)).toMatch(/^ok .*empty: the first start creates the tables$/);
    expect(of("queue", findings)).toMatch(/^ok .*the first start creates it$/);
  });

  it("shows when each schedule last succeeded, and warns when one fails or is late", async () => {
    const schedule = async (values: string) => {
      const columns = "name, last_started_at, last_succeeded_at, failures, last_error";
      await asOwner(test.url, "DELETE FROM schedule_run");
      await asOwner(
        test.url,
        `INSERT INTO schedule_run (${columns}) VALUES ('housekeeping', now(), ${values})`,
      );
      return of("schedule", await look({}));
    };
    expect(of("schedule", await look({}))).toBe("ok   schedule  housekeeping: has not run yet");
    expect(await schedule("now() - interval '5 minutes', 1, NULL")).toBe(
      "ok   schedule  housekeeping: last succeeded 5 min ago, 1 failed run",
    );
    expect(await schedule("now() - interval '5 hours', 0, NULL")).toMatch(
      /^warn schedule {2}.*last succeeded 5 h ago, 0 failed runs; do: start a worker/,
    );
    expect(await schedule("NULL, 2, 'QueryFailedError 42P01'")).toMatch(
      /^warn .*has never succeeded, 2 failed runs, the last one with QueryFailedError 42P01; do: look/,
    );
  });

  it("detects a data folder that is not writable", async () => {
    const findings = await look({ DATA_DIR: "/proc/nowhere" });
    expect(of("disk", findings)).toMatch(/^FAIL disk .*; do: /);
  });

  describeOnRedis("checking Redis", () => {
    const withRedis = async (settings: Record<string, string>): Promise<string> => {
      const redis = await startRedis(settings);
      return of("queue", await look({ REDIS_URL: redis.url }).finally(() => redis.stop()));
    };

    it("requires noeviction and recommends append-only files", async () => {
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

    it("fails if Redis does not answer", async () => {
      const line = of("queue", await look({ REDIS_URL: "redis://127.0.0.1:1" }));
      expect(line).toMatch(/^FAIL queue {5}Redis at 127\.0\.0\.1:1 is not usable.*; do: Start it/);
    });
  });
});

describe("countersign doctor, beside the embedded database", () => {
  let desk: Installation;
  beforeAll(async () => {
    desk = await makeInstallation({}, productProgram());
  });
  afterAll(() => desk.clear());

  it("exits 1 when a check fails", async () => {
    const run = desk.run(["doctor"], { PORT: "eighty" });
    run.ready.catch(() => undefined);
    expect(await run.exit).toBe(1);
    expect(run.stdout()).toMatch(/^FAIL config/);
  });
});
