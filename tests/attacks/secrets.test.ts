import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "../../src/entities/embedded.ts";
import { eachBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { asOwner } from "../support/flush.ts";
import { aHouse, type House, type Session } from "../support/house.ts";
import { connectOverHttp, placeOf } from "../support/mcp-clients.ts";
import { dumpQueue } from "../support/queue-dump.ts";

/** A word that stands nowhere else. */
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

eachBackend("secrets and personal data", (backend) => {
  const secrets = secretsOf();
  let house: House;
  let owner: Session;
  /** What callers were told where something was wrong. */
  const refusals: string[] = [];
  beforeAll(async () => {
    const env = { LOG_LEVEL: "TRACE", OWNER_EMAIL: secrets.email, OWNER_PASSWORD: secrets.password };
    house = await aHouse(backend, { services: ["api,mcp", "worker"], env });
    owner = await house.owner();
    await businessAsUsual();
    await refusedTries();
    await whenThingsBreak();
  }, 120_000);
  afterAll(() => house?.stop());

  async function ask(path: string, init: RequestInit = {}): Promise<void> {
    const answer = await fetch(new URL(path, house.url), { redirect: "manual", ...init });
    refusals.push(await answer.text());
  }
  const bearer = () => ({ authorization: `Bearer ${house.token}`, "content-type": "application/json" });

  async function businessAsUsual(): Promise<void> {
    const { name, phone, customerEmail, notes, reasoning, denial, idempotencyKey } = secrets;
    const customer = { name, phones: [{ number: phone, label: "home" }], emails: [customerEmail], notes };
    const create = { domain: "contact", action: "create", data: customer };
    const headers = { "idempotency-key": idempotencyKey, prefer: "wait=20" };
    const { body } = await house.agent("POST", "/api/actions", create, headers);
    const { id } = body.data.result as { id: string }; // A create's result is the record.
    await house.act("ticket", "create", { customer_id: id, notes });
    await house.agent("GET", `/api/contacts?search=${encodeURIComponent(name)}`);
    for (const decision of ["denied", "authorized"]) {
      const parked = await house.act("contact", "delete", { id }, { reasoning: `${reasoning} ${decision}` });
      await owner.decide(parked.queue_id ?? "", { decision, notes: denial });
      await eventually(async () => {
        const job = await house.agent("GET", `/api/jobs/${parked.job_id}?wait=5`);
        expect(job.body.data.finished_at).not.toBeNull();
      });
    }
    await fetch(new URL("/jobs", house.url), { headers: { cookie: owner.cookie } });
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
  }

  /** The database lets go of everybody, and a table is missing: drivers' errors quote statements and parameters. */
  async function whenThingsBreak(): Promise<void> {
    const { name, notes } = secrets;
    const { result } = await house.act("contact", "create", { name });
    const { id } = result as { id: string }; // A create's result is the record.
    await asOwner(house.databaseUrl, "ALTER TABLE contact RENAME TO elsewhere");
    await ask(`/api/contacts?search=${encodeURIComponent(name)}`, { headers: bearer() });
    await house.act("contact", "update", { id, notes });
    const model = await connectOverHttp(placeOf(house));
    refusals.push((await model.call("crm_query", { type: "contacts", search: name })).text);
    await model.close();
    await asOwner(house.databaseUrl, "ALTER TABLE elsewhere RENAME TO contact");
    await house.db
      .query("INSERT INTO contact (id, name, kind) VALUES ('contact_1', $1, $2)", [name, "robot"])
      .catch(() => undefined);
    await asOwner(
      house.databaseUrl,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await eventually(async () => {
      const { status } = await house.act("contact", "create", { name });
      expect(status).toBe("completed");
    });
  }

  const found = (text: string) =>
    Object.entries({
      ...secrets,
      token: house.token,
      cookie: owner.cookie.split("=")[1] ?? "",
      csrf: owner.csrf,
    })
      .filter(([, secret]) => text.includes(secret))
      .map(([what]) => what);

  /** Without what the first start tells its owner. */
  const logs = () =>
    house.processes
      .map((each) => each.output())
      .join("\n")
      .replace(/^First start[^]*?^ready .*$/m, "");

  it("stand in no log, whatever happens", () => {
    const text = logs();
    const lines = text.split("\n").filter((line) => line.startsWith("{"));
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const bugs = ["unexpected error", "a job met a bug", "a tool failed unexpectedly"];
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

  it("stand nowhere in the queue: it knows ids", async () => {
    const dump = await dumpQueue(backend, house.databaseUrl);
    expect(dump).toMatch(/job_[0-9a-z]{26}-1/);
    expect(found(dump)).toEqual([]);
    const queues = await backend.connect(house.databaseUrl);
    try {
      const jobs = await queues.queue("actions").getJobs();
      expect(jobs.length).toBeGreaterThan(3);
      for (const { data } of jobs) expect(data).toEqual({ jobId: expect.stringMatching(/^job_/) });
    } finally {
      await queues.close();
    }
  });

  it("stand in no metrics: their labels are actions, states and buckets", async () => {
    const text = await (await fetch(new URL("/metrics", house.url))).text();
    expect(text).toContain('countersign_jobs{action="contact.delete",status="completed"} 1');
    expect(found(text)).toEqual([]);
  });

  it("come back in no refusal, except the id and the sign-in's e-mail that the caller just sent", () => {
    expect(refusals.filter((text) => text.includes("Something went wrong"))).toHaveLength(2);
    expect(found(refusals.join("\n"))).toEqual(["email", "path"]);
    expect(refusals.join("\n")).not.toMatch(/SELECT|node_modules|elsewhere/);
  });
});

it("the embedded database's log quotes no row and no statement", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "countersign-log-"));
  await chmod(dataDir, 0o755); // As root, the server runs as another user, who must pass.
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
