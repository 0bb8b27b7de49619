import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createInterface, type Interface } from "node:readline";
import { startApp, type Session, type TestApp } from "./support/app.ts";
import { johnsons } from "./support/johnsons.ts";

let app: TestApp;
let owner: Session;
const children: ChildProcess[] = [];

beforeAll(async () => {
  app = await startApp({ redisUrl: () => undefined });
  owner = await app.owner();
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await app.stop();
});

/** A running example: its output line by line, and its exit code. */
interface Example {
  /** Reads up to the first line that matches. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  exit: Promise<number | null>;
}

/** Starts an example as a reader does. */
function run(name: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Example {
  const child = spawn(process.execPath, ["--import", "tsx", `examples/${name}.ts`, ...args], {
    env: { ...process.env, CRM_API_URL: app.url, CRM_API_TOKEN: app.token, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const lines: Interface = createInterface({ input: child.stdout });
  const iterator = lines[Symbol.asyncIterator]();
  return {
    exit: new Promise((resolve) => child.once("exit", resolve)),
    async line(pattern) {
      const seen: string[] = [];
      for (;;) {
        const next = await iterator.next();
        if (next.done) throw new Error(`no line fits ${pattern}:\n${seen.join("\n")}`);
        const match = pattern.exec(next.value);
        if (match) return match;
        seen.push(next.value);
      }
    },
  };
}

const parkedIdIn = (url: string): string => /auth_\w+/.exec(url)?.[0] ?? "";

describe("examples/rest.ts", () => {
  it("prints the reason and the link, and the end of the job once a person has allowed it", async () => {
    await johnsons(app.db, "Johnson Family");
    const example = run("rest");
    await example.line(/^Reason: Customer has 15 tickets worth \$4,500$/);
    const [, link = ""] = await example.line(/^Decide here: (\S+)$/);
    expect(link.startsWith(`${app.url}/authorizations/`)).toBe(true);
    await owner.decide(parkedIdIn(link), { decision: "authorized" });
    await example.line(/^job_\w+: completed$/);
    expect(await example.exit).toBe(0);
  });

  it("prints the person's note after a denial", async () => {
    await johnsons(app.db, "Miller Family");
    const example = run("rest", ["Miller Family"]);
    const [, link = ""] = await example.line(/^Decide here: (\S+)$/);
    await owner.decide(parkedIdIn(link), { decision: "denied", notes: "They came back." });
    await example.line(/^job_\w+: denied, "They came back\."$/);
    expect(await example.exit).toBe(0);
  });
});

describe("examples/mcp.ts", () => {
  it("lists the tools, finds the customer and parks the deletion", async () => {
    await johnsons(app.db, "Weber Family");
    const example = run("mcp", ["Weber Family"]);
    await example.line(/^Tools: .*crm_action/);
    await example.line(/^Candidate: contact_\w+ Weber Family/);
    await example.line(/^authorization_required: Customer has 15 tickets worth \$4,500$/);
    expect(await example.exit).toBe(0);
  });
});

describe("examples/webhook-receiver.ts", () => {
  it("prints a signed notice, and refuses one that it cannot verify", async () => {
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    const example = run("webhook-receiver", [], { WEBHOOK_SECRET: secret, PORT: "0" });
    const [, url = ""] = await example.line(/^listening on (\S+)$/);
    const forged = await fetch(url, { method: "POST", body: '{"type":"job.finished"}' });
    expect(forged.status).toBe(401);

    const set = await owner.call("PUT", "/api/webhook", { url, secret, allow_private: true });
    expect(set.status).toBe(200);
    await app.act("contact", "create", { name: "Anna Fischer" });
    await example.line(/^job\.finished: contact\.create completed$/);
  });
});
