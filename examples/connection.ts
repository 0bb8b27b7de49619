import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Address and agent token of a running Countersign. */
export interface Connection {
  url: string;
  token: string;
}

/**
 * Reads `CRM_API_URL` and `CRM_API_TOKEN`. Without a token it reads the file that the first start wrote, so that the
 * examples run on a fresh clone without any setting.
 */
export function connection(): Connection {
  const { CRM_API_URL: url, CRM_API_TOKEN: token, DATA_DIR: dataDir = ".countersign" } = process.env;
  if (token) return { url: url ?? "http://localhost:8000", token };
  const file = readFileSync(join(dataDir, "first-run.json"), "utf8");
  const firstRun = JSON.parse(file) as { url: string; agent_token: string }; // The format is documented in docs/operations.md.
  return { url: url ?? firstRun.url, token: firstRun.agent_token };
}

export const print = (line: string): void => void process.stdout.write(`${line}\n`);
