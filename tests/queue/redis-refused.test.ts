import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { examine } from "../../src/cli/doctor.ts";
import { lineOf } from "../../src/cli/finding.ts";
import { describeOnRedis } from "../support/backends.ts";
import { serverUrl } from "../support/database.ts";
import { asOwner } from "../support/flush-queue.ts";
import { tempFolder } from "../support/leftovers.ts";
import { makeInstallation } from "../support/program.ts";
import { productProgram } from "../support/programs.ts";
import { startRedis } from "../support/redis.ts";
import { connectQueues, preflightQueue } from "../../src/queue/index.ts";

interface Refused {
  title: string;
  settings?: Record<string, string>;
  path?: string;
  prepare?(redis: Redis): Promise<unknown>;
  /** HOST stands for the server's address. */
  what: string;
  todo: string;
}

const refused: Refused[] = [
  {
    title: "is a node of a cluster",
    settings: { "cluster-enabled": "yes" },
    what: "Redis at HOST is a node of a cluster, which splits the keys of a queue",
    todo: "Set REDIS_URL to a Redis without cluster-enabled, or unset REDIS_URL to queue in PostgreSQL.",
  },
  {
    title: "is a read-only replica",
    settings: { replicaof: "127.0.0.1 1" },
    what: "Redis at HOST is a replica, which loses or refuses what is written to it",
    todo: "Set host and port in REDIS_URL to its primary: 127.0.0.1:1",
  },
  {
    title: "does not have the database",
    path: "/99",
    what: "Redis at HOST has no database 99",
    todo: "End REDIS_URL with the host and port: installations on one Redis keep apart by their prefix.",
  },
  {
    title: "drops keys when its memory is full",
    settings: { "maxmemory-policy": "allkeys-lru" },
    what: "Redis at HOST has maxmemory-policy allkeys-lru and would drop jobs",
    todo: "Set it: redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf.",
  },
  {
    title: "has no memory left",
    prepare: (redis) => redis.config("SET", "maxmemory", "1"),
    what: "Redis at HOST refuses to write (OOM command not allowed when used memory > 'maxmemory'.)",
    todo: "Correct that in Redis, or unset REDIS_URL to queue in PostgreSQL.",
  },
  {
    title: "waits for replicas that it does not have",
    settings: { "min-replicas-to-write": "1" },
    what: "Redis at HOST refuses to write (NOREPLICAS Not enough good replicas to write.)",
    todo: "Correct that in Redis, or unset REDIS_URL to queue in PostgreSQL.",
  },
];

describeOnRedis("a Redis that cannot do the work", (healthy) => {
  const withRedis = async (
    { settings = {}, path = "", prepare }: Refused,
    use: (url: string) => Promise<void>,
  ) => {
    const server = await startRedis(settings);
    try {
      const client = new Redis(server.url);
      await prepare?.(client).finally(() => client.disconnect());
      client.disconnect();
      await use(`${server.url}${path}`);
    } finally {
      await server.stop();
    }
  };

  it.each(refused)("is refused when it $title, by the doctor too", async (one) => {
    const env = { DATA_DIR: await tempFolder("redis-refused") };
    await withRedis(one, async (redisUrl) => {
      const what = one.what.replace("HOST", new URL(redisUrl).host);
      const line = `${what}. ${one.todo}`;
      await expect(preflightQueue({ redisUrl, databaseUrl: "" })).rejects.toThrow(line);
      const log = { warn: () => undefined };
      await expect(connectQueues({ redisUrl, redisPrefix: "test", databaseUrl: "", log })).rejects.toThrow(
        line,
      );
      const finding = (await examine({ ...env, REDIS_URL: redisUrl })).find(({ part }) => part === "queue");
      expect(finding && lineOf(finding)).toBe(`FAIL queue     ${what}; do: ${one.todo.replace(/\.$/, "")}`);
    });
  });

  it("ends the start with one line before the first migration", async () => {
    const name = `test_${randomBytes(6).toString("hex")}`;
    await asOwner(serverUrl("postgres"), `CREATE DATABASE ${name}`);
    const installation = await makeInstallation({}, productProgram());
    const env = { DATABASE_URL: serverUrl(name), REDIS_URL: `${healthy().url}/99` };
    try {
      const run = installation.run(["start"], env);
      expect(await run.exit).toBe(1);
      expect(run.stderr()).toBe(
        `countersign: REDIS_URL: Redis at ${new URL(healthy().url).host} has no database 99. End REDIS_URL with the host and port: installations on one Redis keep apart by their prefix.\n`,
      );
      const { rows } = await asOwner(serverUrl(name), "SELECT FROM pg_tables WHERE schemaname = 'public'");
      expect(rows).toEqual([]);
    } finally {
      await installation.clear();
      await asOwner(serverUrl("postgres"), `DROP DATABASE ${name} WITH (FORCE)`);
    }
  });

  it("leaves no key behind when it is usable", async () => {
    await preflightQueue({ redisUrl: healthy().url, databaseUrl: "" });
    const redis = new Redis(healthy().url);
    expect(await redis.keys("*")).toEqual([]);
    redis.disconnect();
  });
});
