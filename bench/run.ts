import { newId } from "../src/domain/core/ids.ts";
import type { TestApp } from "../tests/support/app.ts";
import { drive, type Load, warmUpOf } from "./load.ts";
import { type Parking, parking } from "./parking.ts";
import { bareBullmq, graphile, type Baseline, sqlAlone } from "./baselines.ts";
import { updates } from "./pipeline.ts";
import { prepareTables, type Work } from "./same-sql.ts";
import { type Kind, type Place, seedCustomers, type Environment, withEnvironment } from "./environment.ts";
import { type ToolCalls, toolCalls } from "./tools.ts";

export interface Sizes {
  /** Number of calls by 16 concurrent callers, by one caller, and of an MCP tool. */
  many: number;
  single: number;
  tools: number;
  parked: number;
  decided: number;
  idleSeconds: number;
}

export const FULL: Sizes = {
  many: 10_000,
  single: 1_000,
  tools: 5_000,
  parked: 10_000,
  decided: 1_000,
  idleSeconds: 20,
};
export const SHORT: Sizes = { many: 600, single: 100, tools: 500, parked: 300, decided: 50, idleSeconds: 2 };

/** Loads of 16 concurrent callers and of one. */
export interface Figures {
  sixteen: Load;
  one: Load;
}

export interface Results {
  same_sql: { sql_alone: Figures; bullmq: Figures; graphile_worker: Figures };
  /** API and worker in separate processes; for one caller also in one process, as `npm start` runs them. */
  countersign: Figures & { one_process: Load };
  parking: Parking;
  tools: ToolCalls;
}

const CALLERS = 16;
const CUSTOMERS = 1_000;

/** Runs all measurements on one backend; `log` receives the name of each. */
export const runBench = (kind: Kind, sizes: Sizes, log: (line: string) => void): Promise<Results> =>
  withEnvironment(kind, async (environment) => {
    const same_sql = await baselines(environment, sizes, log);
    log("Countersign, API and worker in separate processes");
    const separate = await withApp(environment, ["api,mcp", "worker"], async (app) => {
      const contacts = await seedCustomers(app.databaseUrl, CUSTOMERS);
      const toPark = await seedCustomers(app.databaseUrl, sizes.parked + warmUpOf(sizes.parked));
      const call = updates(app, contacts);
      const sixteen = await drive(CALLERS, sizes.many, call);
      const one = await drive(1, sizes.single, call);
      log("MCP tools/call");
      const tools = await toolCalls(app, sizes.tools);
      log(`${sizes.parked} parked`);
      return { figures: { sixteen, one }, tools, parking: await parking(app, toPark, sizes) };
    });
    log("Countersign in one process");
    const one_process = await withApp(environment, ["api,worker,mcp"], async (app) =>
      drive(1, sizes.single, updates(app, await seedCustomers(app.databaseUrl, CUSTOMERS))),
    );
    const { figures, tools, parking: parked } = separate;
    return { same_sql, countersign: { ...figures, one_process }, parking: parked, tools };
  });

async function withApp<T>(
  environment: Environment,
  services: string[],
  use: (app: TestApp) => Promise<T>,
): Promise<T> {
  const app = await environment.app(services);
  try {
    return await use(app);
  } finally {
    await app.stop();
  }
}

async function baselines(
  environment: Environment,
  sizes: Sizes,
  log: (line: string) => void,
): Promise<Results["same_sql"]> {
  const place = await environment.place();
  const ids = Array.from({ length: CUSTOMERS }, () => newId("contact"));
  await prepareTables(place.databaseUrl, ids);
  const work = (nth: number): Work => ({ id: ids[nth % ids.length] ?? "", notes: `Note ${nth}` });
  const measure = async (
    name: string,
    open: (place: Place, work: (nth: number) => Work) => Promise<Baseline>,
  ) => {
    log(name);
    const baseline = await open(place, work);
    const sixteen = await drive(CALLERS, sizes.many, baseline.call);
    const one = await drive(1, sizes.single, baseline.call);
    await baseline.stop();
    return { sixteen, one };
  };
  const same_sql = {
    sql_alone: await measure("the SQL alone", sqlAlone),
    bullmq: await measure("bare BullMQ, the same SQL", bareBullmq),
    graphile_worker: await measure("graphile-worker, the same SQL", graphile),
  };
  await place.drop();
  return same_sql;
}
