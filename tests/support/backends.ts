import { type Backend, connectQueues, type QueueLog } from "../../src/queue/index.ts";
import { leaveOut, LONG_FORM } from "./form.ts";
import { redisAvailable, startRedis, type TestRedis } from "./redis.ts";

export interface TestBackend {
  kind: Backend["kind"];
  /** Connects like a separate process, with its own connections, which the caller closes. */
  connect(databaseUrl: string, log?: QueueLog): Promise<Backend>;
  /** The REDIS_URL for processes of the product; undefined on PostgreSQL. Known once the tests run. */
  redisUrl(): string | undefined;
  /** The Redis server, so that tests can kill it; throws on PostgreSQL. */
  redis(): TestRedis;
}

const silent: QueueLog = { warn: () => undefined };

/** A `describe` on PostgreSQL, in the long form also on Redis. For tests that do not depend on the kind of queue. */
export function anyBackend(name: string, tests: (backend: TestBackend) => void): void {
  if (LONG_FORM) return eachBackend(name, tests);
  describe(`${name}, on postgres`, () => tests(backendOn("postgres", () => undefined)));
}

/** A `describe` on PostgreSQL and one on Redis. Without Redis it reports the skipped tests; in CI it fails. */
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

/** A `describe` with its own Redis. */
export function describeOnRedis(name: string, tests: (redis: () => TestRedis) => void): void {
  const title = `${name}, on redis`;
  const redis = redisAvailable();
  if (!redis.available) {
    leaveOut(title, redis.reason);
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
      server = await startRedis();
    });
    tests(started);
    // Registered after the tests' afterAll, which closes their connections first.
    afterAll(() => server?.stop());
  });
}
