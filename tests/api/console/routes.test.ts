import { createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type ErrorRequestHandler } from "express";
import type { DataSource } from "typeorm";
import { matchRoute } from "../../../src/api/app.ts";
import { pages } from "../../../src/api/console/index.ts";
import { pageRoutes } from "../../../src/api/console/page.ts";
import { assetRoutes } from "../../../src/api/console/static.ts";
import { mount } from "../../../src/api/mount.ts";
import { makeRouteTable } from "../../../src/api/route-table.ts";
import { makeLimits } from "../../../src/api/security/limits.ts";
import { CrmError } from "../../../src/domain/core/errors.ts";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { aFrame, ago, anAuthorization, NOW } from "./views.ts";
import { type Calls, aStub, never, noCalls } from "./stub.ts";

let calls: Calls;
let server: Server;
let url: string;

const refusals: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!(error instanceof CrmError)) return next(error);
  response.status(418).json(error.body);
};

beforeAll(async () => {
  const parts = {
    crm: aStub(() => calls),
    db: {} as DataSource, // Only sign-in and invitations use it.
    registry: makeRegistry(domains),
    webhook: { read: never, set: never, remove: never },
    securityLog: { note: never, refuse: never },
    publicUrl: () => url,
    now: () => NOW,
    zone: async () => "America/Chicago",
    currency: async () => "USD",
    navigation: () => [],
  };
  const routes = pageRoutes(pages, parts).map((route) => ({ ...route, csrf: false }));
  const all = [...routes, ...assetRoutes()];
  const app = express();
  app.use(matchRoute(makeRouteTable(all)), (_request, response, next) => {
    const { session } = aFrame();
    Object.assign(response.locals, { session, principal: session.principal });
    next();
  });
  const limits = makeLimits({ callsPerMinute: 1, waits: 1 });
  const access = { watch: () => () => undefined };
  mount(app, all, { securityLog: parts.securityLog, limits, access });
  app.use(refusals);
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => void (calls = noCalls()));

const decide = (fields: [string, string][] | Record<string, string>) =>
  fetch(`${url}/authorizations/auth_1/decision`, {
    method: "POST",
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
const shown = { view_hash: "hash-of-what-is-shown" };

describe("the form that changes a request", () => {
  const change = (fields: Record<string, string>) =>
    fetch(`${url}/authorizations/auth_1/edit`, {
      method: "POST",
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
  const refund = { id: "contact_1", unit_price_cents: 45_000, quantity: 2 };
  const asked = (data: Record<string, unknown>, action = "ticket.add_line_item") =>
    void (calls.shown = anAuthorization({ action, data }));

  it("sends what the fields mean: amounts, numbers, lists, yes and no; empty ones are left out", async () => {
    asked({});
    const response = await change({
      "data.id": "ticket_1",
      "data.unit_price_cents": "$1,450.50",
      "data.discount_cents": "0",
      "data.quantity": "2.5",
      "data.description": "Two\r\nlines",
      "data.service_id": "",
    });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/authorizations/auth_2");
    asked({}, "contact.create");
    await change({
      "data.name": "Ann",
      "data.emails": '["ann@example.com"]',
      "data.notes": "null",
      "data.kind": "person",
      "data.do_not_contact": "false",
    });
    expect(calls.edits).toEqual([
      {
        id: "ticket_1",
        unit_price_cents: 145_050,
        discount_cents: 0,
        quantity: 2.5,
        description: "Two\nlines",
      },
      {
        name: "Ann",
        emails: ["ann@example.com"],
        notes: "null",
        kind: "person",
        do_not_contact: false,
      },
    ]);
  });

  it("names the field that cannot be read and shows the input again", async () => {
    asked(refund);
    const response = await change({
      "data.id": "ticket_1",
      "data.quantity": "two",
      "data.description": "mine",
    });
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(html).toContain('id="fault-quantity"');
    expect(html).toContain("must be a number such as 90");
    expect(html).toContain(">mine</textarea>");
    expect(calls.edits).toEqual([]);
  });

  it("shows amounts as amounts, and is not offered for an undo or once it is decided", async () => {
    const page = async () => (await fetch(`${url}/authorizations/auth_1`)).text();
    asked(refund);
    expect(await page()).toContain('name="data.unit_price_cents" inputmode="decimal" value="450.00"');
    asked({ job_id: "job_1" }, "job.undo");
    expect(await page()).not.toContain("/edit");
    calls.shown = anAuthorization({ status: "denied" });
    expect(await page()).not.toContain("/edit");
  });
});

describe("the decision form", () => {
  it("allows once and redirects to the page", async () => {
    const response = await decide({ ...shown, decision: "authorized", notes: "" });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/authorizations/auth_1");
    expect(calls.decisions).toEqual([{ decision: "authorized", view_hash: shown.view_hash }]);
  });

  it("denies with the note, including its line breaks", async () => {
    await decide({ ...shown, decision: "denied", notes: " Not now.\r\nAsk in May. " });
    expect(calls.decisions).toEqual([
      { decision: "denied", view_hash: shown.view_hash, notes: "Not now.\nAsk in May." },
    ]);
  });

  it("allows always with limits: an amount in cents, the end of a day in the business zone", async () => {
    await decide({
      ...shown,
      decision: "authorized",
      upgrade_permission: "true",
      record_id: "contact_1",
      max_amount_cents: "$4,500.5",
      until: "2026-11-30",
      max_uses: "3",
    });
    expect(calls.decisions[0]).toMatchObject({
      upgrade_permission: true,
      scope: {
        record_id: "contact_1",
        max_amount_cents: 450_050,
        until: "2026-12-01T06:00:00Z",
        max_uses: 3,
      },
    });
  });

  it("allows always within the limits of the button that was pressed, and takes nothing else from it", async () => {
    const always = { ...shown, decision: "authorized", upgrade_permission: "true" };
    await decide({ ...always, limits: "max_uses=10" });
    await decide({ ...always, limits: "decision=denied&view_hash=other" });
    expect(calls.decisions).toMatchObject([
      { decision: "authorized", scope: { max_uses: 10 } },
      { decision: "authorized", view_hash: shown.view_hash, scope: {} },
    ]);
  });

  it("never makes a denial permanent", async () => {
    await decide({ ...shown, decision: "denied", upgrade_permission: "true" });
    expect(calls.decisions).toEqual([{ decision: "denied", view_hash: shown.view_hash }]);
  });

  it.each([
    ["max_amount_cents", "a lot"],
    ["max_amount_cents", "0"],
    ["max_amount_cents", "1.005"],
    ["until", "2026-11-21"],
    ["until", "2026-02-30"],
    ["max_uses", "0"],
    ["max_uses", "1.5"],
  ])("decides nothing when %s is %p, and shows the input again", async (name, value) => {
    const always = { ...shown, decision: "authorized", upgrade_permission: "true", notes: "my note" };
    const response = await decide({ ...always, [name]: value });
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(html).toContain(`${name}: must be`);
    expect(html).toContain(`value="${value}"`);
    expect(html).toContain("my note");
    expect(calls.decisions).toEqual([]);
  });

  it.each([
    ["without a decision", [["view_hash", shown.view_hash]]],
    ["without what was shown", [["decision", "authorized"]]],
    [
      "with two decisions at once",
      [
        ["decision", "denied"],
        ["decision", "authorized"],
        ["view_hash", shown.view_hash],
      ],
    ],
  ] as [string, [string, string][]][])("decides nothing %s", async (_, fields) => {
    expect((await decide(fields)).status).toBe(400);
    expect(calls.decisions).toEqual([]);
  });

  it("returns 409 with the first decider for a late decision", async () => {
    calls.shown = anAuthorization({ status: "authorized", decided_by: "Otto Office", decided_at: ago(1) });
    const response = await decide({ ...shown, decision: "denied" });
    expect(response.status).toBe(409);
    expect(await response.text()).toMatch(/Already decided by .*Otto Office/);
  });

  it("returns 409 with the new view for a decision on an old view", async () => {
    calls.shown = anAuthorization({ view_hash: "new-hash" });
    const response = await decide({ ...shown, decision: "authorized" });
    const html = await response.text();
    expect(response.status).toBe(409);
    expect(html).toContain("something else than you were shown");
    expect(html).toContain('value="new-hash"');
    expect(html).not.toContain(shown.view_hash);
  });

  it("rejects GET", async () => {
    const response = await fetch(`${url}/authorizations/auth_1/decision?decision=authorized`);
    expect(await response.json()).toMatchObject({ message: "GET is not possible here.", hint: "Use POST." });
    expect(calls.decisions).toEqual([]);
  });
});

const post = (path: string, fields: Record<string, string> = {}) =>
  fetch(url + path, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });

describe("the rules page", () => {
  it("narrows a rule by the filled fields only", async () => {
    const response = await post("/rules/rule_1/narrow", {
      max_amount_cents: "450.50",
      until: "",
      max_uses: "2",
    });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/rules#rule_1"]);
    expect(calls.narrowed).toEqual([["rule_1", { max_amount_cents: 45_050, max_uses: 2 }]]);
  });

  it.each([
    [{}, "has no limit"],
    [{ max_uses: "9" }, "must be at most 3"],
    [{ until: "yesterday" }, "must be a day from today on"],
  ])("returns 400 and shows the input again for %p", async (fields, message) => {
    const response = await post("/rules/rule_1/narrow", fields);
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(html).toContain(message);
    for (const value of Object.values(fields)) expect(html).toContain(`value="${value}"`);
  });

  it("revokes a rule", async () => {
    const response = await post("/rules/rule_1/revoke");
    expect([response.status, response.headers.get("location")]).toEqual([303, "/rules"]);
    expect(calls.revoked).toEqual(["rule_1"]);
  });
});

describe("undo on a job's page", () => {
  it("submits a new job and redirects to it", async () => {
    const response = await post("/jobs/job_1/undo", { reasoning: " A mistake. " });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/jobs/job_2"]);
    expect(calls.submitted).toMatchObject([
      { domain: "job", action: "undo", data: { job_id: "job_1" }, reasoning: "A mistake." },
    ]);
  });

  it("is offered for an action that can be undone", async () => {
    expect(await (await fetch(`${url}/jobs/job_1`)).text()).toContain('action="/jobs/job_1/undo"');
  });
});

describe("the audit page", () => {
  it("filters by the filled fields only", async () => {
    await fetch(`${url}/audit?entity=contact_1&actor=`);
    expect(calls.audited).toEqual([{ entity: "contact_1", limit: 20 }]);
  });

  it("rejects an unknown filter with the field", async () => {
    const response = await fetch(`${url}/audit?user=1`);
    expect(await response.json()).toMatchObject({ code: "validation_failed", fields: [{ path: "user" }] });
  });
});

describe("the console", () => {
  it("redirects / to the authorizations", async () => {
    const response = await fetch(`${url}/`, { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/authorizations"]);
  });

  it("passes not_found for an unknown id to the error handler", async () => {
    const response = await fetch(`${url}/authorizations/auth_9`);
    expect(response.status).toBe(418);
    expect(await response.json()).toMatchObject({ code: "not_found" });
  });

  it("rejects an unknown status with the field", async () => {
    const response = await fetch(`${url}/jobs?status=gone`);
    expect(await response.json()).toMatchObject({ code: "validation_failed", fields: [{ path: "status" }] });
  });

  it.each(["/authorizations", "/authorizations/auth_1", "/jobs", "/jobs/job_1", "/rules", "/audit"])(
    "serves %s",
    async (path) => {
      const response = await fetch(url + path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    },
  );

  it("serves the style sheet, then 304 while it is unchanged", async () => {
    const first = await fetch(`${url}/assets/countersign.css`);
    expect(first.headers.get("cache-control")).toContain("max-age");
    const etag = first.headers.get("etag") ?? "";
    // Not fetch: with If-None-Match it also sends Cache-Control: no-cache.
    const again = await new Promise<IncomingMessage>((resolve) =>
      get(`${url}/assets/countersign.css`, { headers: { "If-None-Match": etag } }, resolve),
    );
    again.resume();
    expect([first.status, again.statusCode]).toEqual([200, 304]);
    expect((await fetch(`${url}/assets/favicon.svg`)).headers.get("content-type")).toBe("image/svg+xml");
    expect((await fetch(`${url}/assets/..%2Findex.ts`)).status).toBe(404);
  });
});
