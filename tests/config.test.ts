import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { ConfigError, publicUrl, readConfig, variableNames } from "../src/config.ts";

/** The error line for this environment. */
function complaint(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(env)}`);
}

describe("the environment", () => {
  it("needs nothing: every variable has a default or may be left out", () => {
    expect(readConfig({})).toEqual({
      databaseUrl: undefined,
      databaseOwnerUrl: undefined,
      redisUrl: undefined,
      dataDir: join(process.cwd(), ".countersign"),
      host: "127.0.0.1",
      port: 8000,
      publicUrl: undefined,
      trustProxy: [],
      businessTimezone: "America/Chicago",
      businessCurrency: "USD",
      authorizationTtlMs: 72 * 3_600_000,
      workerSilenceMs: 10_000,
      ownerEmail: undefined,
      ownerPassword: undefined,
      mail: undefined,
      sms: undefined,
      crmApiUrl: "http://localhost:8000",
      crmApiToken: undefined,
      agentCallsPerMinute: 600,
      agentWaits: 100,
      readBudget: { most: 8, timeoutMs: 10_000 },
      agentPending: 100,
      agentCostly: 8,
      mcpLogLevel: "info",
      logLevel: "info",
    });
  });

  it("counts an empty string as unset, for every variable", () => {
    const empty = Object.fromEntries(variableNames.map((name) => [name, ""]));
    expect(readConfig(empty)).toEqual(readConfig({}));
  });

  it("ignores variables of other programs", () => {
    expect(readConfig({ PATH: "/usr/bin", npm_config_yes: "true" })).toEqual(readConfig({}));
  });

  it.each([
    ["90s", 90_000],
    ["15m", 900_000],
    ["72h", 259_200_000],
    ["7d", 604_800_000],
  ])("reads AUTHORIZATION_TTL=%s as %i milliseconds", (value, ms) => {
    expect(readConfig({ AUTHORIZATION_TTL: value }).authorizationTtlMs).toBe(ms);
  });

  it.each([
    ["INFO", "info"],
    ["debug", "debug"],
    ["WARNING", "warn"],
    ["CRITICAL", "fatal"],
  ])("reads LOG_LEVEL=%s as pino's %s", (value, level) => {
    expect(readConfig({ LOG_LEVEL: value }).logLevel).toBe(level);
    expect(readConfig({ MCP_LOG_LEVEL: value }).mcpLogLevel).toBe(level);
  });

  it("uses DATABASE_URL for migrations unless DATABASE_OWNER_URL is set", () => {
    const DATABASE_URL = "postgresql://app:secret@db.example:5432/crm";
    const DATABASE_OWNER_URL = "postgres:///crm?host=/var/run/postgresql";
    expect(readConfig({ DATABASE_URL }).databaseOwnerUrl).toBe(DATABASE_URL);
    expect(readConfig({ DATABASE_URL, DATABASE_OWNER_URL }).databaseOwnerUrl).toBe(DATABASE_OWNER_URL);
  });

  it("makes links from PUBLIC_URL without a trailing slash, else from the listening port", () => {
    const config = readConfig({ PUBLIC_URL: "https://crm.example.com/", PORT: "0" });
    expect(publicUrl(config, 41_234)).toBe("https://crm.example.com");
    expect(publicUrl(readConfig({ PORT: "0" }), 41_234)).toBe("http://localhost:41234");
  });

  it("accepts Redis URLs with a password, with TLS and with a database number", () => {
    for (const REDIS_URL of ["redis://:pass@cache:6379", "rediss://cache", "redis://127.0.0.1:6379/2"]) {
      expect(readConfig({ REDIS_URL }).redisUrl).toBe(REDIS_URL);
    }
  });
});

describe("a bad value", () => {
  it.each([
    ["PORT", "eighty"],
    ["PORT", "70000"],
    ["PORT", "-1"],
    ["PORT", "8e3"],
    ["HOST", "http://localhost"],
    ["PUBLIC_URL", "localhost:8000"],
    ["PUBLIC_URL", "https://crm.example.com/app"],
    ["TRUST_PROXY", "true"],
    ["TRUST_PROXY", "1"],
    ["TRUST_PROXY", "10.0.0.1, proxy.example.com"],
    ["TRUST_PROXY", "0.0.0.0/0"],
    ["TRUST_PROXY", "::/0"],
    ["TRUST_PROXY", "10.0.0.0/33"],
    ["CRM_API_URL", "ftp://crm.example.com"],
    ["BUSINESS_TIMEZONE", "Chicago"],
    ["BUSINESS_TIMEZONE", "-06:00"],
    ["BUSINESS_CURRENCY", "usd"],
    ["BUSINESS_CURRENCY", "QQQ"],
    ["AUTHORIZATION_TTL", "72"],
    ["AUTHORIZATION_TTL", "0h"],
    ["AUTHORIZATION_TTL", "1.5h"],
    ["AUTHORIZATION_TTL", "366d"],
    ["OWNER_EMAIL", "nobody"],
    ["AGENT_CALLS_PER_MINUTE", "0"],
    ["AGENT_WAITS", "many"],
    ["AGENT_PENDING", "0"],
    ["AGENT_COSTLY", "0"],
    ["AGENT_READS", "0"],
    ["READ_TIMEOUT", "0s"],
    ["MAIL_FROM", "the office"],
    ["TWILIO_ACCOUNT_SID", "AC1"],
    ["TWILIO_FROM", "608 555"],
    ["MCP_LOG_LEVEL", "loud"],
    ["LOG_LEVEL", "constructor"],
  ])("is one line that names %s, what it got (%s) and what it wants", (name, value) => {
    const line = complaint({ [name]: value });
    expect(line).toMatch(/^[A-Z_]+: got .+; wants .+\.$/);
    expect(line).toContain(`${name}: got ${JSON.stringify(value)}; wants `);
  });

  it("is shown on one line and shortened", () => {
    expect(complaint({ PORT: "80\n00" })).toBe('PORT: got "80\\n00"; wants a whole number from 0 to 65535.');
    expect(complaint({ HOST: `/${"x".repeat(5_000)}` }).length).toBeLessThan(250);
  });

  it("names the missing variable and the one that needs it", () => {
    const from = complaint({ SMTP_URL: "smtp://office:hunter2@mail.example.com" });
    expect(from).toBe('MAIL_FROM: got ""; wants a value, since SMTP_URL is set.');
    const sid = complaint({ TWILIO_AUTH_TOKEN: "t", TWILIO_FROM: "+16085550100" });
    expect(sid).toMatch(/^TWILIO_ACCOUNT_SID: .* since TWILIO_AUTH_TOKEN is set/);
  });

  it("is DATABASE_OWNER_URL without DATABASE_URL", () => {
    const line = complaint({ DATABASE_OWNER_URL: "postgres://owner:hunter2@db/crm" });
    expect(line).toMatch(/^DATABASE_OWNER_URL: .* wants DATABASE_URL/);
    expect(line).not.toContain("hunter2");
  });

  it.each([
    ["OWNER_PASSWORD", "hunter2"],
    ["CRM_API_TOKEN", "cs hunter2"],
    ["DATABASE_URL", "mysql://root:hunter2@db/crm"],
    ["DATABASE_URL", "postgres://root:hunter2"],
    ["DATABASE_URL", "hunter2"],
    ["DATABASE_OWNER_URL", "postgres://owner:hunter2@db:port/crm"],
    ["REDIS_URL", "http://:hunter2@cache:6379"],
    ["SMTP_URL", "http://office:hunter2@mail.example.com"],
    ["TWILIO_AUTH_TOKEN", "hunter2 two"],
    ["PUBLIC_URL", "https://owner:hunter2@crm.example.com"],
    ["CRM_API_URL", "https://owner:a@hunter2@crm.example.com"],
  ])("never shows the secret that %s carries (%s)", (name, value) => {
    const line = complaint({ [name]: value });
    expect(line).toMatch(new RegExp(`^${name}: got .+; wants .+\\.$`));
    expect(line).not.toContain("hunter2");
  });
});

describe(".env.example", () => {
  const COMPOSE_ONLY = ["POSTGRES_PASSWORD", "REDIS_PASSWORD"];
  const example = parseEnv(readFileSync(".env.example", "utf8"));

  it("names exactly the variables that the program knows", () => {
    const named = Object.keys(example).filter((name) => !COMPOSE_ONLY.includes(name));
    expect(named.sort()).toEqual([...variableNames].sort());
  });

  it("gives the real defaults", () => {
    expect(readConfig(example)).toEqual(readConfig({}));
  });

  it("leaves every secret empty", () => {
    const filled = Object.keys(example).filter(
      (name) => /PASSWORD|TOKEN|SECRET|KEY/.test(name) && example[name],
    );
    expect(filled).toEqual([]);
  });
});
