import { createAgentToken } from "../../src/identity/tokens.ts";
import { newId } from "../../src/domain/core/ids.ts";
import type { List } from "../../src/domain/query/list.ts";
import { Rule } from "../../src/entities/rule.ts";
import { SecurityEvent } from "../../src/entities/security-event.ts";
import { ApiToken } from "../../src/entities/api-token.ts";
import { anyBackend } from "../support/backends.ts";
import type { TestApp, Session } from "../support/app.ts";
import { rawRequest } from "../support/raw-request.ts";
import { connectOverHttp, placeOf } from "../support/mcp-clients.ts";
import { parkedDeletion, type Parked, REASONING } from "../support/parked-deletion.ts";

const JSON_BODY = { "content-type": "application/json" };
const FORM = { "content-type": "application/x-www-form-urlencoded" };

anyBackend("an attack", (backend) => {
  const { now, db, nothingHappened, view } = parkedDeletion(backend);
  let app: TestApp;
  let owner: Session;
  let parked: Parked;
  beforeEach(() => void ({ app, owner, parked } = now()));

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
        ["POST", `/api/authorizations/${auth}/edit`, "/api/authorizations/:id/edit"],
        ["POST", `/authorizations/${auth}/edit`, "/authorizations/:id/edit"],
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
