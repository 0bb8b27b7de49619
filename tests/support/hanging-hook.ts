/** A test file whose hook times out; leftovers.test.ts runs it in a separate jest. */
import { writeSync } from "node:fs";
import { redisAvailable, startRedis } from "./redis.ts";
import { startApp } from "./app.ts";
import { makeInstallation } from "./program.ts";
import { productProgram } from "./programs.ts";

const onPostgres = { redisUrl: () => undefined };

beforeAll(async () => {
  await startApp(onPostgres);
  if (redisAvailable().available) await startRedis();
  const installation = await makeInstallation({}, productProgram()); // With its own PostgreSQL, in its own session.
  await installation.run(["start"]).ready;
  writeSync(2, "everything started\n");
}, 240_000);

beforeAll(() => startApp(onPostgres), 1);

it("is not reached", () => undefined);
