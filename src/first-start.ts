import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DataSource } from "typeorm";
import { createAgentToken, createOwner } from "./api/accounts.ts";
import type { Config } from "./config.ts";
import type { Registry } from "./domain/core/registry.ts";
import { runNow } from "./workers/run-now.ts";

/** What the first start hands to the owner; `$DATA_DIR/first-run.json` holds the same. */
interface FirstRun {
  url: string;
  mcp_url: string;
  owner_email: string;
  owner_password: string;
  agent_token: string;
}

/** Settings and one technician, so that booking works at once. Jobs like any other; they run once ever. */
export async function seedBusiness(db: DataSource, registry: Registry, config: Config): Promise<void> {
  const seed = (key: string, action: string, data: unknown) =>
    runNow(db, registry, { by: "setup", key, action, data });
  await seed("settings", "settings.update", {
    timezone: config.businessTimezone,
    currency: config.businessCurrency,
  });
  await seed("technician", "technician.create", { name: "First technician" });
}

/** Makes the owner account and one agent token where there is no user yet; tells both once. */
export async function firstStart(db: DataSource, config: Config, url: string): Promise<void> {
  const made = await db.transaction(async (manager) => {
    await manager.query("SELECT pg_advisory_xact_lock(hashtext('countersign.first-start'))");
    const [{ users }] = await manager.query(`SELECT count(*) AS users FROM "user"`);
    return users === 0 ? makeAccounts(db, config, url) : null;
  });
  if (!made) return;
  process.stdout.write(
    [
      "First start: these are shown once, and kept in " + fileOf(config),
      `  sign in at   ${made.url}/login`,
      `  e-mail       ${made.owner_email}`,
      `  password     ${made.owner_password}`,
      `  MCP          ${made.mcp_url}`,
      `  agent token  ${made.agent_token}`,
      "",
    ].join("\n"),
  );
}

async function makeAccounts(db: DataSource, config: Config, url: string): Promise<FirstRun> {
  const email = config.ownerEmail ?? "owner@countersign.local";
  const password = config.ownerPassword ?? randomBytes(15).toString("base64url");
  const { token } = await createAgentToken(db, "Office manager");
  const made = { ...addresses(url), owner_email: email, owner_password: password, agent_token: token };
  // File first: an owner whose password was lost in a crash could never sign in.
  await keep(config, made);
  await createOwner(db, { email, password, name: "Owner" });
  return made;
}

/** The port may be another one at each start: what first-run.json says about it stays true. */
export async function refreshAddress(config: Config, url: string): Promise<void> {
  const text = await readFile(fileOf(config), "utf8").catch(() => null);
  if (text === null) return;
  const kept = JSON.parse(text) as FirstRun; // Only keep() writes this file.
  if (kept.url !== url) await keep(config, { ...kept, ...addresses(url) });
}

/** Where the pages were at the last start; undefined where that was on another machine. */
export async function lastAddress(config: Config): Promise<string | undefined> {
  const text = await readFile(fileOf(config), "utf8").catch(() => null);
  return text === null ? undefined : (JSON.parse(text) as FirstRun).url; // As above.
}

const addresses = (url: string) => ({ url, mcp_url: `${url}/mcp` });

const fileOf = ({ dataDir }: Config): string => join(dataDir, "first-run.json");

/** Whole or not at all, and for its owner's eyes only. */
async function keep(config: Config, content: FirstRun): Promise<void> {
  await mkdir(config.dataDir, { recursive: true });
  const file = fileOf(config);
  await writeFile(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
