import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DataSource, EntityManager } from "typeorm";
import { createOwner } from "./identity/accounts.ts";
import { createAgentToken } from "./identity/tokens.ts";
import { asConfigError, type Config } from "./config.ts";
import type { Registry } from "./domain/core/registry.ts";
import { runSystemJob } from "./workers/system-job.ts";

/** The credentials that the first start prints and writes to `$DATA_DIR/first-run.json`. */
interface FirstRun {
  url: string;
  mcp_url: string;
  owner_email: string;
  owner_password: string;
  agent_token: string;
}

/** Creates settings and one technician, so that booking works at once. Their idempotency keys let them run only once. */
export async function seedBusiness(db: DataSource, registry: Registry, config: Config): Promise<void> {
  const seed = (key: string, action: string, data: unknown) =>
    runSystemJob(db, registry, { by: "setup", key, action, data });
  await seed("settings", "settings.update", {
    timezone: config.businessTimezone,
    currency: config.businessCurrency,
  });
  await seed("technician", "technician.create", { name: "First technician" });
}

const AGENT = "Office manager";

/** Creates the owner account and one agent token if there is no user yet, and prints both once. */
export async function firstStart(db: DataSource, config: Config, url: string): Promise<void> {
  const made = await db.transaction(async (manager) => {
    await manager.query("SELECT pg_advisory_xact_lock(hashtext('countersign.first-start'))");
    const [{ users }] = await manager.query(`SELECT count(*) AS users FROM "user"`);
    return users === 0 ? makeAccounts(manager, config, url) : null;
  });
  if (!made) return;
  process.stdout.write(
    [
      "First start: these are shown once and stored in " + fileOf(config),
      `  sign in at   ${made.url}/login`,
      `  e-mail       ${made.owner_email}`,
      `  password     ${made.owner_password}`,
      `  MCP          ${made.mcp_url}`,
      `  agent token  ${made.agent_token}`,
      "",
    ].join("\n"),
  );
}

async function makeAccounts(db: EntityManager, config: Config, url: string): Promise<FirstRun> {
  const email = config.ownerEmail ?? "owner@countersign.local";
  const password = config.ownerPassword ?? randomBytes(15).toString("base64url");
  // `countersign token create` may have taken the name before the first start.
  const { token } = await createAgentToken(db, AGENT).catch(() =>
    createAgentToken(db, `${AGENT} (first start)`),
  );
  const made = { ...addresses(url), owner_email: email, owner_password: password, agent_token: token };
  // Write the file first: after a crash in between, an owner without a stored password could never sign in.
  await writeFirstRun(config, made);
  await createOwner(db, { email, password, name: "Owner" });
  return made;
}

/** Updates the address in first-run.json: the port may differ at each start. */
export async function refreshAddress(config: Config, url: string): Promise<void> {
  const text = await readFile(fileOf(config), "utf8").catch(() => null);
  if (text === null) return;
  const stored = JSON.parse(text) as FirstRun; // Only writeFirstRun() writes this file.
  if (stored.url !== url) await writeFirstRun(config, { ...stored, ...addresses(url) });
}

/** The public base URL of the last start; undefined if that was on another machine. */
export async function lastAddress(config: Config): Promise<string | undefined> {
  const text = await readFile(fileOf(config), "utf8").catch(() => null);
  return text === null ? undefined : (JSON.parse(text) as FirstRun).url; // As above.
}

const addresses = (url: string) => ({ url, mcp_url: `${url}/mcp` });

const fileOf = ({ dataDir }: Config): string => join(dataDir, "first-run.json");

/** Replaces the file atomically; only its owner can read it. */
async function writeFirstRun(config: Config, content: FirstRun): Promise<void> {
  const file = fileOf(config);
  const write = async () => {
    await mkdir(config.dataDir, { recursive: true });
    await writeFile(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  };
  await write().catch(
    asConfigError(
      "DATA_DIR",
      (why) => `cannot be written (${why}). Choose a folder that this user can write.`,
    ),
  );
}
