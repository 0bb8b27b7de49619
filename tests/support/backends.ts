import { type Backend, connectQueues, type QueueLog } from "../../src/workers/queues.ts";
import { redisAvailable, startRedis, type TestRedis } from "./redis.ts";

export interface TestBackend {
  kind: Backend["kind"];
  /** The queue as one process sees it: its own connections, which the caller closes. */
  connect(databaseUrl: string, log?: QueueLog): Promise<Backend>;
  /** What a process of our own needs as REDIS_URL; undefined on PostgreSQL. Known once the tests run. */
  redisUrl(): string | undefined;
  /** The server behind it, to be killed; throws on PostgreSQL. */
  redis(): TestRedis;
}

const silent: QueueLog = { warn: () => undefined };

/** A `describe` on PostgreSQL and one on Redis. Without Redis it says what is left out; in CI that is a failure, never a silent gap. */
export function eachBackend(name: string, tests: (backend: TestBackend) => void): void {
  describe(`${name}, on postgres`, () => tests(backendOn("postgres", () => undefined)));
  describeOnRedis(name, (redis) => tests(backendOn("redis", redis)));
}

function backendOn(kind: Backend["kind"], server: () => TestRedis | undefined): TestBackend {
  const redisUrl = () => server()?.url;
  return {
    kind,
    redisUrl,
    connect: (databaseUrl, log = silent) => connectQueues({ databaseUrl, redisUrl: redisUrl(), log }),
    redis() {
      const redis = server();
      if (!redis) throw new Error("this backend has no Redis");
      return redis;
    },
  };
}

/** A `describe` with a Redis of its own. */
export function describeOnRedis(name: string, tests: (redis: () => TestRedis) => void): void {
  const title = `${name}, on redis`;
  const redis = redisAvailable();
  if (!redis.available && process.env["CI"] !== "true") {
    process.stderr.write(`Left out: ${title}: ${redis.reason}\n`);
    describe.skip(title, () => it("needs Redis", () => undefined));
    return;
  }
  describe(title, () => {
    let server: TestRedis | undefined;
    const started = () => {
      if (!server) throw new Error("Redis is only there once the tests run");
      return server;
    };
    beforeAll(async () => {
      if (!redis.available) throw new Error(redis.reason);
      server = await startRedis();
    });
    tests(started);
    // After the tests' own afterAll: they close their connections first.
    afterAll(() => server?.stop());
  });
}
