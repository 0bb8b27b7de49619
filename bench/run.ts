import { newId } from "../src/domain/core/ids.ts";
import type { House } from "../tests/support/house.ts";
import { drive, type Load, warmUpOf } from "./load.ts";
import { type Parking, parking } from "./parking.ts";
import { bareBullmq, graphile, type Peer, sqlAlone } from "./peers.ts";
import { updates } from "./pipeline.ts";
import { prepareTables, type Work } from "./same-sql.ts";
import { type Kind, type Place, seedCustomers, type Stage, withStage } from "./stage.ts";
import { type ToolCalls, toolCalls } from "./tools.ts";

export interface Sizes {
  /** Calls of 16 at once, of one alone, of a tool. */
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

/** 16 callers at once, and one alone. */
export interface Figures {
  sixteen: Load;
  one: Load;
}

export interface Results {
  same_sql: { sql_alone: Figures; bullmq: Figures; graphile_worker: Figures };
  /** API and worker in processes of their own; for one caller also all in one, as `npm start` has it. */
  countersign: Figures & { one_process: Load };
  parking: Parking;
  tools: ToolCalls;
}

const CALLERS = 16;
const CUSTOMERS = 1_000;

/** Everything once on one backend; `log` is told what is being measured. */
export const runBench = (kind: Kind, sizes: Sizes, log: (line: string) => void): Promise<Results> =>
  withStage(kind, async (stage) => {
    const same_sql = await peers(stage, sizes, log);
    log("Countersign, API and worker apart");
    const apart = await withHouse(stage, ["api,mcp", "worker"], async (house) => {
      const contacts = await seedCustomers(house.databaseUrl, CUSTOMERS);
      const toPark = await seedCustomers(house.databaseUrl, sizes.parked + warmUpOf(sizes.parked));
      const call = updates(house, contacts);
      const sixteen = await drive(CALLERS, sizes.many, call);
      const one = await drive(1, sizes.single, call);
      log("MCP tools/call");
      const tools = await toolCalls(house, sizes.tools);
      log(`${sizes.parked} parked`);
      return { figures: { sixteen, one }, tools, parking: await parking(house, toPark, sizes) };
    });
    log("Countersign in one process");
    const one_process = await withHouse(stage, ["api,worker,mcp"], async (house) =>
      drive(1, sizes.single, updates(house, await seedCustomers(house.databaseUrl, CUSTOMERS))),
    );
    const { figures, tools, parking: parked } = apart;
    return { same_sql, countersign: { ...figures, one_process }, parking: parked, tools };
  });

async function withHouse<T>(stage: Stage, services: string[], use: (house: House) => Promise<T>): Promise<T> {
  const house = await stage.house(services);
  try {
    return await use(house);
  } finally {
    await house.stop();
  }
}

async function peers(stage: Stage, sizes: Sizes, log: (line: string) => void): Promise<Results["same_sql"]> {
  const place = await stage.place();
  const ids = Array.from({ length: CUSTOMERS }, () => newId("contact"));
  await prepareTables(place.databaseUrl, ids);
  const work = (nth: number): Work => ({ id: ids[nth % ids.length] ?? "", notes: `Note ${nth}` });
  const measure = async (
    name: string,
    open: (place: Place, work: (nth: number) => Work) => Promise<Peer>,
  ) => {
    log(name);
    const peer = await open(place, work);
    const sixteen = await drive(CALLERS, sizes.many, peer.call);
    const one = await drive(1, sizes.single, peer.call);
    await peer.stop();
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
