import { createAgentToken } from "../../src/identity/tokens.ts";
import { newId } from "../../src/domain/core/ids.ts";
import type { AuthorizationView } from "../../src/domain/engine/authorization/view.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import type { List } from "../../src/domain/query/list.ts";
import { Authorization } from "../../src/entities/authorization.ts";
import { Rule } from "../../src/entities/rule.ts";
import { Contact } from "../../src/entities/contact.ts";
import { Job } from "../../src/entities/job.ts";
import { Change } from "../../src/entities/change.ts";
import { SecurityEvent } from "../../src/entities/security-event.ts";
import { ApiToken } from "../../src/entities/api-token.ts";
import type { Backend } from "../../src/queue/index.ts";
import { anyBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { aTicket } from "../support/factories.ts";
import { startApp, type TestApp, type Session } from "../support/app.ts";
import { rawRequest } from "../support/raw-request.ts";
import { connectOverHttp, placeOf } from "../support/mcp-clients.ts";

const JSON_BODY = { "content-type": "application/json" };
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const REASONING = "They moved out of state.";

/** A request that waits for a person. */
interface Parked {
  customer: string;
  job: JobView;
  auth: string;
}

anyBackend("an attack", (backend) => {
  let app: TestApp;
  let owner: Session;
  let queues: Backend;
  let parked: Parked;

  beforeAll(async () => {
    app = await startApp(backend);
    owner = await app.owner();
    queues = await backend.connect(app.databaseUrl);
  });
  afterAll(async () => {
    await queues.close();
    await app.stop();
  });
  beforeEach(async () => void (parked = await aParked()));

  async function aParked(): Promise<Parked> {
    const { customer_id: customer } = await aTicket(app.db, { status: "completed" });
    const job = await app.act("contact", "delete", { id: customer }, { reasoning: REASONING });
    expect(job.status).toBe("authorization_required");
    return { customer, job, auth: job.queue_id ?? "" };
  }
  const db = () => app.db.manager;
  const exists = (id: string) => db().existsBy(Contact, { id });
  const finished = async ({ job_id }: JobView) =>
    (await app.agent("GET", `/api/jobs/${job_id}?wait=20`)).body.data;
  const view = async (id: string) =>
    (await owner.call<AuthorizationView>("GET", `/api/authorizations/${id}`)).body.data;
  const allow = async ({ auth, job }: Parked) => {
    expect(await owner.decide(auth, { decision: "authorized" })).toMatchObject({ status: 200 });
    return finished(job);
  };
  /** Expects that the job still waits for a decision and has changed nothing. */
  async function nothingHappened({ customer, job, auth } = parked): Promise<void> {
    expect(await db().findOneByOrFail(Authorization, { id: auth })).toMatchObject({ status: "pending" });
    expect(await db().findOneByOrFail(Job, { id: job.job_id })).toMatchObject({ status: job.status });
    expect(await db().countBy(Change, { job_id: job.job_id })).toBe(0);
    expect(await exists(customer)).toBe(true);
  }

  describe("by an agent's token", () => {
    it("cannot decide, change rules or sign in, and every attempt is in the security log", async () => {
      const { auth, job } = parked;
      const decision = JSON.stringify({ decision: "authorized" });
      const timer = `/admin/queues/api/queues/awaiting-authorization/${job.job_id}-2`;
      // The path, and the route that the log names instead: it holds no id.
      const attempts: [method: string, path: string, route: string][] = [
        ...["POST", "PUT", "PATCH", "DELETE"].map((method): [string, string, string] => [
          method,
          `/api/authorizations/${auth}`,
          "/api/authorizations/:id",
        ]),
        ["POST", `/API/Authorizations/${auth}/`, "/api/authorizations/:id"],
        ["POST", `/api//authorizations/${auth}`, "/api/authorizations/:id"],
        ["POST", `/api/contacts/%2e%2e/authorizations/${auth}`, "/api/…"],
        ["POST", `/authorizations/${auth}/decision`, "/authorizations/:id/decision"],
        ["GET", "/api/rules", "/api/rules"],
        ["POST", "/api/rules", "/api/rules"],
        ["DELETE", `/api/rules/${newId("rule")}`, "/api/rules/:id"],
        ["PUT", "/api/settings", "/api/…"],
        ["POST", "/api/tokens", "/api/tokens"],
        ["GET", "/api/users", "/api/users"],
        ["GET", "/api/session", "/api/session"],
        ["POST", "/login", "/login"],
        ["GET", "/admin/queues", "/admin/queues/*"],
        ["PUT", `${timer}/promote`, "/admin/queues/*"],
        ["PUT", `${timer}/clean`, "/admin/queues/*"],
        ["PATCH", `${timer}/update-data`, "/admin/queues/*"],
      ];
      const before = await db().count(SecurityEvent);
      for (const [method, path] of attempts) {
        const headers = { authorization: `Bearer ${app.token}`, ...JSON_BODY, cookie: owner.cookie };
        const { status, error } = await rawRequest(app.url, path, { method, headers, body: decision });
        expect({ method, path, status, code: error?.code }).toEqual({
          method,
          path,
          status: 403,
          code: "forbidden",
        });
      }
      const override = {
        authorization: `Bearer ${app.token}`,
        "x-http-method-override": "POST",
        ...JSON_BODY,
      };
      await rawRequest(app.url, `/api/authorizations/${auth}?_method=POST`, {
        headers: override,
        body: decision,
      });

      const { id } = await db().findOneByOrFail(ApiToken, { name: "Office manager" });
      const events = await db().find(SecurityEvent, { order: { id: "ASC" }, skip: before });
      const routes = events.flatMap(({ route, attempts: times }) => Array<string>(times ?? 1).fill(route));
      expect(routes.sort()).toEqual(attempts.map(([method, , route]) => `${method} ${route}`).sort());
      expect(new Set(events.map(({ principal }) => principal))).toEqual(new Set([`agent:${id}`]));
      expect(await db().count(Rule)).toBe(0);
      await nothingHappened();
    });

    it("finds no tool and no action for decisions", async () => {
      const model = await connectOverHttp(placeOf(app));
      for (const tool of ["decide", "authorize", "crm_authorize", "allow_always"])
        await expect(model.call(tool, { id: parked.auth })).rejects.toThrow("There is no tool");
      for (const [domain, action] of [
        ["authorization", "decide"],
        ["rule", "create"],
        ["settings", "update"],
        ["api_token", "create"],
      ]) {
        const { isError, text } = await model.call("crm_action", {
          domain,
          action,
          data: {},
          reasoning: REASONING,
        });
        expect(isError).toBe(true);
        expect(text).toMatch(/^(validation_failed: There is no action|forbidden: .* is for people only)/);
      }
      await model.close();
      await nothingHappened();
    });

    it("cannot see another agent's jobs: their ids return the same not_found as unknown ids", async () => {
      const { token } = await createAgentToken(app.db, "A stranger");
      const headers = { authorization: `Bearer ${token}` };
      const { job, auth } = parked;
      for (const [method, path] of [
        ["GET", "/api/jobs/JOB"],
        ["GET", "/api/jobs/JOB?wait=5"],
        ["POST", "/api/jobs/JOB/withdraw"],
        ["GET", "/api/authorizations/AUTH"],
      ] as const) {
        const ask = async (jobId: string, authId: string) => {
          const at = path.replace("JOB", jobId).replace("AUTH", authId);
          const { status, body } = await app.agent(method, at, undefined, headers);
          return { status, error: JSON.stringify(body.error).replaceAll(/(job|auth)_\w{26}/g, "ID") };
        };
        const theirs = await ask(job.job_id, auth);
        expect(theirs.status).toBe(404);
        expect(theirs).toEqual(await ask(newId("job"), newId("auth")));
      }
      const model = await connectOverHttp({ ...placeOf(app), token });
      for (const input of [{ job_id: job.job_id }, { queue_id: auth }])
        expect(await model.call("job_status", input)).toMatchObject({
          isError: true,
          text: expect.stringMatching(/^not_found: /),
        });
      await model.close();
      for (const path of ["/api/jobs", "/api/authorizations"]) {
        const { body } = await app.agent<List<unknown>>("GET", path, undefined, headers);
        expect(body.data).toMatchObject({ items: [], total: 0 });
      }
      await nothingHappened();
    });

    it("shares no idempotency keys and no authorizations with another agent", async () => {
      const { token } = await createAgentToken(app.db, "A copycat");
      const submit = async (headers: Record<string, string>) => {
        const data = { id: parked.customer };
        const body = { domain: "contact", action: "delete", data, reasoning: REASONING };
        return (await app.agent("POST", "/api/actions", body, { prefer: "wait=20", ...headers })).body.data;
      };
      const theirs = { authorization: `Bearer ${token}` };
      expect((await submit({})).job_id).toBe(parked.job.job_id);
      expect((await submit(theirs)).job_id).not.toBe(parked.job.job_id);
      const key = { "idempotency-key": newId("job") };
      const [ours, other] = [await submit(key), await submit({ ...theirs, ...key })];
      expect(other.job_id).not.toBe(ours.job_id);
    });
  });

  describe("by changing a request", () => {
    const seen = "Customer has 1 ticket worth nothing to speak of";
    const forge = (auth: string) => db().update(Authorization, auth, { reason: seen });

    it("after the page was shown is refused with the new preview, on the page and in the API", async () => {
      const { auth } = parked;
      const { view_hash } = await view(auth);
      await forge(auth);
      const decision = { decision: "authorized", view_hash };
      const refused = await owner.decide(auth, decision);
      expect(refused).toMatchObject({
        status: 409,
        body: { error: { code: "conflict", view: { reason: seen } } },
      });
      const page = await rawRequest(app.url, `/authorizations/${auth}/decision`, {
        method: "POST",
        headers: { ...FORM, cookie: owner.cookie },
        body: new URLSearchParams({ ...decision, _csrf: owner.csrf }).toString(),
      });
      expect(page.status).toBe(409);
      expect(page.text).toContain(seen);
      await nothingHappened();
      const looked = { decision: "authorized", view_hash: (await view(auth)).view_hash };
      expect((await owner.decide(auth, looked)).status).toBe(200);
    });

    it("in the job row runs nothing: a new authorization shows the difference", async () => {
      const { auth, job, customer } = parked;
      const victim = (await aTicket(app.db, { status: "completed" })).customer_id;
      await db().update(Job, job.job_id, { input: { id: victim } });
      const after = await allow(parked);
      expect(after).toMatchObject({ status: "authorization_required" });
      expect(after.queue_id).not.toBe(auth);
      expect(await view(auth)).toMatchObject({ status: "superseded", superseded_by: after.queue_id });
      expect((await view(after.queue_id ?? "")).moved).not.toEqual([]);
      expect(await Promise.all([exists(customer), exists(victim)])).toEqual([true, true]);
      expect((await owner.decide(auth, { decision: "authorized" })).status).toBe(409);
    });
  });

  describe("on the queue", () => {
    /** Adds a job to the queue as an attacker and waits until a worker has completed it. */
    async function forged(
      name: "actions" | "awaiting-authorization",
      data: { jobId: string } | Record<string, never>,
    ) {
      const queue = queues.queue(name);
      const id = `forged-${newId("job")}`;
      await queue.add(name, data, { jobId: id });
      await eventually(async () => expect(await queue.getJobState(id)).toBe("completed"));
    }
    const everywhere = async (data: { jobId: string } | Record<string, never>) => {
      await forged("actions", data);
      await forged("awaiting-authorization", data);
    };

    it("by adding forged jobs has no effect", async () => {
      const { job, auth, customer } = parked;
      const lies = { status: "authorized", decision: "authorized", queue_id: auth, principal_kind: "owner" };
      const request = { action: "contact.delete", input: { id: customer }, dry_run: false };
      await everywhere({ jobId: job.job_id });
      for (const jobId of [job.job_id, newId("job"), auth, "' OR true --", ""])
        await everywhere(Object.assign({ jobId }, lies, request));
      await everywhere({});
      await nothingHappened();
    });

    it("by promoting the timer does not authorize: the job keeps waiting, with a new timer", async () => {
      const queue = queues.queue("awaiting-authorization");
      const timers = async () =>
        (await queue.getDelayed()).filter(({ data }) => "jobId" in data && data.jobId === parked.job.job_id);
      const [timer, ...others] = await eventually(async () => {
        const found = await timers();
        expect(found).toHaveLength(1);
        return found;
      });
      await timer?.promote();
      await eventually(async () => {
        const [next, ...rest] = await timers();
        expect(next?.id).toMatch(new RegExp(`^${parked.job.job_id}-`));
        expect([next?.id === timer?.id, rest.length, others.length]).toEqual([false, 0, 0]);
      });
      await nothingHappened();
    });

    it("through the queue dashboard is refused even to the owner", async () => {
      const timer = `/admin/queues/api/queues/awaiting-authorization/${parked.job.job_id}-2`;
      for (const [method, path] of [
        ["PUT", `${timer}/promote`],
        ["PUT", `${timer}/retry`],
        ["PATCH", `${timer}/update-data`],
        ["POST", "/admin/queues/api/queues/actions/add"],
        ["PUT", "/admin/queues/api/queues/actions/clean/completed"],
        ["PUT", "/admin/queues/api/queues/actions/pause"],
      ] as const)
        expect((await owner.call(method, path, {})).status).toBe(403);
      expect((await owner.call("GET", "/admin/queues/api/queues")).status).toBe(200);
      await nothingHappened();
    });

    it("cannot replay an authorization, for the same job or another one, even after kill -9", async () => {
      const other = await aParked();
      const { job, auth } = parked;
      expect(await allow(parked)).toMatchObject({ status: "completed" });
      const done = await db().findOneByOrFail(Job, { id: job.job_id });
      const changes = await db().countBy(Change, { job_id: job.job_id });
      expect(changes).toBeGreaterThan(0);
      const replay = async () => {
        await everywhere({ jobId: job.job_id });
        await everywhere(
          Object.assign({ jobId: other.job.job_id }, { queue_id: auth, decision: "authorized" }),
        );
        expect((await owner.decide(auth, { decision: "authorized" })).status).toBe(409);
        expect(await db().findOneByOrFail(Job, { id: job.job_id })).toEqual(done);
        expect(await db().countBy(Change, { job_id: job.job_id })).toBe(changes);
        await nothingHappened(other);
      };
      await replay();
      await Promise.all(app.processes.map((each) => each.end("SIGKILL")));
      await app.spawn("api,worker,mcp", { PORT: new URL(app.url).port });
      await replay();
    });
  });

  describe("by another site's page", () => {
    const decision = (fields: Record<string, string> = {}) =>
      new URLSearchParams({ decision: "authorized", ...fields }).toString();

    it("cannot decide by a form, a frame or a link", async () => {
      const { auth } = parked;
      const { view_hash } = await view(auth);
      const theirs = await app.owner();
      const { cookie, csrf } = owner;
      const ours = { cookie, "x-csrf-token": csrf };
      const page = `/authorizations/${auth}/decision`;
      const api = `/api/authorizations/${auth}`;
      const wire = JSON.stringify({ decision: "authorized" });
      for (const [why, path, headers, body] of [
        ["a form without the token", page, { cookie, ...FORM }, decision({ view_hash })],
        [
          "a form with another sign-in's token",
          page,
          { cookie, ...FORM },
          decision({ view_hash, _csrf: theirs.csrf }),
        ],
        [
          "an evil origin",
          page,
          { ...ours, ...FORM, origin: "https://evil.example" },
          decision({ view_hash }),
        ],
        ["no origin at all", page, { ...ours, ...FORM, origin: "null" }, decision({ view_hash })],
        [
          "a cross-site fetch",
          page,
          { ...ours, ...FORM, "sec-fetch-site": "cross-site" },
          decision({ view_hash }),
        ],
        ["JSON without the token", api, { cookie, ...JSON_BODY }, wire],
        ["JSON dressed as text", api, { cookie, "content-type": "text/plain" }, wire],
        [
          "JSON from an evil origin",
          api,
          { ...ours, ...JSON_BODY, origin: "http://localhost.evil.example" },
          wire,
        ],
      ] as const) {
        const { status } = await rawRequest(app.url, path, { method: "POST", headers, body });
        expect({ why, status }).toEqual({ why, status: 403 });
      }
      for (const path of [api, page, `/authorizations/${auth}`])
        await rawRequest(app.url, `${path}?${decision({ view_hash })}`, { headers: ours });
      const { headers } = await rawRequest(app.url, `/authorizations/${auth}`, { headers: { cookie } });
      expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
      await nothingHappened();
    });

    it("cannot sign a person in", async () => {
      const { email, password } = { email: "owner@example.com", password: "whatever it is" };
      const body = new URLSearchParams({ email, password }).toString();
      expect((await rawRequest(app.url, "/login", { method: "POST", headers: FORM, body })).status).toBe(403);
    });

    it.each(["/api/contacts", "/api/query", "/api/tools", "/mcp"])(
      "is rejected on %s for a foreign Host or Origin, even with a valid token",
      async (path) => {
        const post = ["/api/query", "/mcp"].includes(path);
        const call = { method: post ? "POST" : "GET", ...(post && { body: '{"type":"contacts"}' }) };
        const authorization = `Bearer ${app.token}`;
        const accept = "application/json, text/event-stream";
        const ask = (headers: Record<string, string>) =>
          rawRequest(app.url, path, {
            ...call,
            headers: { authorization, accept, ...JSON_BODY, ...headers },
          });
        for (const [name, value] of [
          ["host", "evil.example"],
          ["origin", "https://evil.example"],
        ] as const)
          expect(await ask({ [name]: value })).toMatchObject({ status: 403, error: { code: "forbidden" } });
        expect([200, 400]).toContain((await ask({})).status);
      },
    );
  });
});
