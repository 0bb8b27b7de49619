import { In } from "typeorm";
import { Authorization } from "../../src/entities/authorization.ts";
import { Job } from "../../src/entities/job.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import { anyBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { aContact, aTicket } from "../support/factories.ts";
import { asOwner } from "../support/flush-queue.ts";
import { startApp, type TestApp } from "../support/app.ts";

const READS = 4;

anyBackend("a flood by one agent", (backend) => {
  let app: TestApp;
  beforeAll(async () => {
    const env = { AGENT_READS: String(READS), AGENT_PENDING: "5", AGENT_COSTLY: "3", READ_TIMEOUT: "10m" };
    app = await startApp(backend, { env });
  });
  afterAll(() => app.stop());

  const submit = (id: string, key: string) =>
    app.agent(
      "POST",
      "/api/actions",
      { domain: "contact", action: "delete", data: { id }, reasoning: "They moved." },
      { prefer: "wait=20", "idempotency-key": key },
    );

  it("of equal requests under other keys asks a person once", async () => {
    const { customer_id: id } = await aTicket(app.db, { status: "completed" });
    const first = (await submit(id, "the first")).body.data;
    expect(first.status).toBe("authorization_required");
    const again = await Promise.all(Array.from({ length: 60 }, (_, n) => submit(id, `key ${n}`)));
    expect(new Set(again.map(({ body }) => body.data.job_id))).toEqual(new Set([first.job_id]));
    expect(await app.db.manager.countBy(Job, { action: "contact.delete" })).toBe(1);
    expect(await app.db.manager.countBy(Authorization, { status: "pending" })).toBe(1);
  });

  it("of requests that wait for a person ends at AGENT_PENDING, and the job says which wait", async () => {
    const outcomes: JobView[] = [];
    for (let n = 0; n < 7; n++) {
      const { customer_id: id } = await aTicket(app.db, { status: "completed" });
      outcomes.push((await submit(id, `other ${n}`)).body.data);
    }
    const refused = outcomes.filter(({ status }) => status === "failed");
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.error).toMatchObject({ code: "rate_limited", pending: expect.any(Array) });
    expect(await app.db.manager.countBy(Authorization, { status: "pending" })).toBe(5);
  });

  it("of dry runs is limited over REST and MCP, and leaves the workers to others", async () => {
    const { id } = await aContact(app.db);
    const owner = await app.owner();
    const holder = app.db.createQueryRunner();
    await holder.startTransaction();
    await holder.query("SELECT FROM contact WHERE id = $1 FOR UPDATE", [id]); // The dry runs wait for this row.
    const request = { domain: "contact", action: "delete", data: { id }, dry_run: true };
    const dryRuns = await Promise.all(
      Array.from({ length: 64 }, () => app.agent("POST", "/api/actions", request)),
    );
    const accepted = dryRuns.filter(({ status }) => status === 202);
    expect(accepted).toHaveLength(3);
    const limit = "3 unfinished dry runs, undos and requests for more than 5 records per token";
    const refusal = { code: "rate_limited", limit, retryable: true };
    for (const { status, body } of dryRuns)
      if (status !== 202) expect({ status, body }).toMatchObject({ status: 429, body: { error: refusal } });
    expect(await app.agent("POST", "/api/tools/crm_action", request)).toMatchObject({
      status: 429,
      body: { error: refusal },
    });
    const call = { method: "tools/call", params: { name: "crm_action", arguments: request } };
    const overMcp = await fetch(`${app.url}/mcp`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${app.token}`,
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...call }),
    });
    expect(await overMcp.text()).toContain(limit);
    expect((await owner.call("POST", "/api/actions", request)).status).toBe(202);
    expect(await app.act("contact", "create", { name: "Meanwhile" })).toMatchObject({ status: "completed" });
    await holder.commitTransaction();
    await holder.release();
    await eventually(async () =>
      expect((await app.agent("POST", "/api/actions", request)).status).toBeLessThan(300),
    );
    const open = { status: In(["queued", "running"]) };
    await eventually(async () => expect(await app.db.manager.countBy(Job, open)).toBe(0));
  });

  it("of slow reads is limited, and ends in the database when the callers hang up", async () => {
    await aContact(app.db);
    const owner = await app.owner();
    await asOwner(
      app.databaseUrl,
      `ALTER TABLE contact ENABLE ROW LEVEL SECURITY;
       CREATE POLICY slow ON contact USING (pg_sleep(600) IS NOT NULL)`,
    );
    const callers = Array.from({ length: READS }, () => new AbortController());
    const ways = [
      ["GET", "/api/contacts", undefined],
      ["POST", "/api/query", { type: "contacts" }],
      ["POST", "/api/tools/crm_query", { type: "contacts" }],
      [
        "POST",
        "/mcp",
        {
          jsonrpc: "2.0",
          id: 1,
          method: "tools/call",
          params: { name: "crm_query", arguments: { type: "contacts" } },
        },
      ],
    ] as const;
    const reading = Promise.allSettled(
      callers.map(({ signal }, n) => {
        const [method, path, body] = ways[n] ?? ways[0];
        return fetch(app.url + path, {
          method,
          signal,
          headers: {
            authorization: `Bearer ${app.token}`,
            accept: "application/json, text/event-stream",
            "content-type": "application/json",
          },
          ...(body && { body: JSON.stringify(body) }),
        });
      }),
    );
    await eventually(async () => expect(await sleeping()).toBe(READS));
    expect(await app.agent("GET", "/api/tickets")).toMatchObject({
      status: 429,
      body: { error: { code: "rate_limited", limit: `${READS} reads at once per token` } },
    });
    expect((await owner.call("GET", "/api/tickets")).status).toBe(200);
    for (const caller of callers) caller.abort();
    await reading;
    await eventually(async () => expect(await sleeping()).toBe(0));
    await asOwner(app.databaseUrl, "ALTER TABLE contact DISABLE ROW LEVEL SECURITY");
    await eventually(async () => expect((await app.agent("GET", "/api/contacts")).status).toBe(200));
  });

  /** Number of statements that wait in the policy. */
  async function sleeping(): Promise<number> {
    const { rows } = await asOwner(
      app.databaseUrl,
      `SELECT count(*) AS count FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event = 'PgSleep'`,
    );
    return Number(rows[0].count);
  }
});
