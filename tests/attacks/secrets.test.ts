import { randomBytes } from "node:crypto";
import { chmod, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { startEmbedded } from "../../src/database/embedded/index.ts";
import { SecurityEvent } from "../../src/entities/security-event.ts";
import { anyBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { asOwner } from "../support/flush-queue.ts";
import { startApp, type TestApp, type Session } from "../support/app.ts";
import { tempFolder } from "../support/leftovers.ts";
import { connectOverHttp, placeOf } from "../support/mcp-clients.ts";
import { dumpQueue } from "../support/queue-dump.ts";

/** A unique word. */
const word = (what: string) => `${what}${randomBytes(6).toString("hex")}`;

const secretsOf = () => ({
  password: word("Password-"),
  wrongPassword: word("Wrong-"),
  wrongToken: `cs_${randomBytes(32).toString("base64url")}`,
  email: `${word("owner")}@example.com`,
  name: word("Zofia "),
  phone: `+1608555${String(Math.floor(Math.random() * 1e4)).padStart(4, "0")}`,
  customerEmail: `${word("zofia")}@example.com`,
  notes: word("Key under the mat "),
  reasoning: word("She told me that "),
  denial: word("No, because "),
  idempotencyKey: word("key-"),
  typo: word("Typed by mistake "),
  path: word("pay-"),
});

anyBackend("secrets and personal data", (backend) => {
  const secrets = secretsOf();
  let app: TestApp;
  let owner: Session;
  /** The error responses that callers received. */
  const refusals: string[] = [];
  beforeAll(async () => {
    const env = { LOG_LEVEL: "TRACE", OWNER_EMAIL: secrets.email, OWNER_PASSWORD: secrets.password };
    app = await startApp(backend, { services: ["api,mcp", "worker"], env });
    owner = await app.owner();
    await businessAsUsual();
    await refusedTries();
    await whenThingsBreak();
  }, 120_000);
  afterAll(() => app?.stop());

  async function ask(path: string, init: RequestInit = {}): Promise<void> {
    const answer = await fetch(new URL(path, app.url), { redirect: "manual", ...init });
    refusals.push(await answer.text());
  }
  const bearer = () => ({ authorization: `Bearer ${app.token}`, "content-type": "application/json" });

  async function businessAsUsual(): Promise<void> {
    const { name, phone, customerEmail, notes, reasoning, denial, idempotencyKey } = secrets;
    const customer = { name, phones: [{ number: phone, label: "home" }], emails: [customerEmail], notes };
    const create = { domain: "contact", action: "create", data: customer };
    const headers = { "idempotency-key": idempotencyKey, prefer: "wait=20" };
    const { body } = await app.agent("POST", "/api/actions", create, headers);
    const { id } = body.data.result as { id: string }; // A create's result is the record.
    await app.act("ticket", "create", { customer_id: id, notes });
    await app.agent("GET", `/api/contacts?search=${encodeURIComponent(name)}`);
    for (const decision of ["denied", "authorized"]) {
      const parked = await app.act("contact", "delete", { id }, { reasoning: `${reasoning} ${decision}` });
      await owner.decide(parked.queue_id ?? "", { decision, notes: denial });
      await eventually(async () => {
        const job = await app.agent("GET", `/api/jobs/${parked.job_id}?wait=5`);
        expect(job.body.data.finished_at).not.toBeNull();
      });
    }
    await fetch(new URL("/jobs", app.url), { headers: { cookie: owner.cookie } });
  }

  async function refusedTries(): Promise<void> {
    const { email, wrongPassword, wrongToken, typo, name, path } = secrets;
    const form = { email, password: wrongPassword, _csrf: "none" };
    await ask("/login", { method: "POST", body: new URLSearchParams(form) });
    await ask("/api/contacts", { headers: { authorization: `Bearer ${wrongToken}` } });
    await ask("/api/actions", { method: "POST", headers: bearer(), body: `{"name": ${typo}}` });
    const unknown = { domain: "contact", action: "create", data: { name, nick: typo, phones: typo } };
    await ask("/api/actions", { method: "POST", headers: bearer(), body: JSON.stringify(unknown) });
    await ask(`/pay/${path}?token=${path}`, { method: "POST" });
    await ask(`/api/contacts/${path}`, { headers: bearer() });
    await ask("/api/contacts", { headers: { ...bearer(), origin: "https://evil.example" } });
    await ask("/api/authorizations/x", { method: "POST", headers: bearer(), body: `{"notes":"${typo}"}` });
    const { customerEmail, phone } = secrets;
    for (const place of [
      `/api/rules/${customerEmail}`,
      `/api//contacts/${phone}`,
      `/welcome/${path}/${path}`,
    ]) {
      const target = `${place}?name=${encodeURIComponent(name)}&email=${customerEmail}`;
      await ask(target, { method: "POST", headers: bearer(), body: "{}" });
      await ask(target, { method: "POST", body: new URLSearchParams({ email }) });
    }
  }

  /** Closed connections and a missing table: drivers' errors quote statements and parameters. */
  async function whenThingsBreak(): Promise<void> {
    const { name, notes } = secrets;
    const { result } = await app.act("contact", "create", { name });
    const { id } = result as { id: string }; // A create's result is the record.
    await asOwner(app.databaseUrl, "ALTER TABLE contact RENAME TO elsewhere");
    await ask(`/api/contacts?search=${encodeURIComponent(name)}`, { headers: bearer() });
    await app.act("contact", "update", { id, notes });
    const model = await connectOverHttp(placeOf(app));
    refusals.push((await model.call("crm_query", { type: "contacts", search: name })).text);
    await model.close();
    await asOwner(app.databaseUrl, "ALTER TABLE elsewhere RENAME TO contact");
    await app.db
      .query("INSERT INTO contact (id, name, kind) VALUES ('contact_1', $1, $2)", [name, "robot"])
      .catch(() => undefined);
    await asOwner(
      app.databaseUrl,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await eventually(async () => {
      const { status } = await app.act("contact", "create", { name });
      expect(status).toBe("completed");
    });
  }

  const found = (text: string) =>
    Object.entries({
      ...secrets,
      token: app.token,
      cookie: owner.cookie.split("=")[1] ?? "",
      csrf: owner.csrf,
    })
      .filter(([, secret]) => text.includes(secret))
      .map(([what]) => what);

  /** Without the output of the first start for its owner. */
  const logs = () =>
    app.processes
      .map((each) => each.output())
      .join("\n")
      .replace(/^First start[^]*?^ready .*$/m, "");

  it("are in no log", () => {
    const text = logs();
    const lines = text.split("\n").filter((line) => line.startsWith("{"));
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const bugs = ["unexpected error", "a job failed because of a bug", "a tool failed unexpectedly"];
    expect(entries.map(({ msg }) => msg)).toEqual(expect.arrayContaining([...bugs, "refused", "request"]));
    expect(entries).toContainEqual(
      expect.objectContaining({
        ...{ msg: "request", method: "POST", route: "/api/actions", status: 200 },
        principal: expect.stringMatching(/^agent:token_/),
        request_id: expect.stringMatching(/^req_/),
      }),
    );
    expect(found(text)).toEqual([]);
  });

  it("are not in the queue, which holds only ids", async () => {
    const dump = await dumpQueue(backend, app.databaseUrl);
    expect(dump).toMatch(/job_[0-9a-z]{26}-1/);
    expect(found(dump)).toEqual([]);
    const queues = await backend.connect(app.databaseUrl);
    try {
      const jobs = await queues.queue("actions").getJobs();
      expect(jobs.length).toBeGreaterThan(3);
      for (const { data } of jobs) expect(data).toEqual({ jobId: expect.stringMatching(/^job_/) });
    } finally {
      await queues.close();
    }
  });

  it("are in no security event, whatever the path and the query say", async () => {
    const events = await app.db.getRepository(SecurityEvent).find();
    expect(events.map(({ route }) => route)).toEqual(
      expect.arrayContaining(["POST /api/rules/:id", "POST /api/contacts/:id", "POST /login"]),
    );
    expect(found(JSON.stringify(events))).toEqual([]);
  });

  it("are in no metrics: their labels are actions, states and buckets", async () => {
    const text = await (await fetch(new URL("/metrics", app.url))).text();
    expect(text).toContain('countersign_jobs{action="contact.delete",status="completed"} 1');
    expect(found(text)).toEqual([]);
  });

  it("are in no error response, except the id and the e-mail that the caller sent", () => {
    expect(refusals.filter((text) => text.includes("Something went wrong"))).toHaveLength(2);
    expect(found(refusals.join("\n"))).toEqual(["email", "path"]);
    expect(refusals.join("\n")).not.toMatch(/SELECT|node_modules|elsewhere/);
  });
});

it("the embedded database's log quotes no row and no statement", async () => {
  const dataDir = await tempFolder("log");
  await chmod(dataDir, 0o755); // Started by root, PostgreSQL runs as another user, who needs access.
  const postgres = await startEmbedded({ dataDir });
  const name = word("Zofia ");
  try {
    await asOwner(postgres.url, "CREATE TABLE customer (name text, age integer CHECK (age > 0))");
    await expect(asOwner(postgres.url, `INSERT INTO customer VALUES ('${name}', 0)`)).rejects.toThrow(
      /check/,
    );
    const log = await readFile(join(dataDir, "postgres.log"), "utf8");
    expect(log).toContain("violates check constraint");
    expect(log).not.toContain(name);
  } finally {
    await postgres.stop();
    await rm(dataDir, { recursive: true });
  }
});
