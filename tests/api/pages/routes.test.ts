import { createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type ErrorRequestHandler } from "express";
import { pagesRouter } from "../../../src/api/pages/index.ts";
import { CrmError } from "../../../src/domain/core/errors.ts";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { aFrame, ago, anAuthorization, NOW } from "./views.ts";
import { type Asked, aStub, never, nothingAsked } from "./stub.ts";

let asked: Asked;
let server: Server;
let url: string;

const refusals: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!(error instanceof CrmError)) return next(error);
  response.status(418).json(error.body);
};

beforeAll(async () => {
  const app = express();
  app.use(express.urlencoded({ extended: false }));
  app.use((_request, response, next) => {
    response.locals["session"] = aFrame().session;
    next();
  });
  const zone = async () => "America/Chicago";
  const webhook = { read: never, set: never, remove: never };
  app.use(
    pagesRouter({ crm: aStub(() => asked), webhook, registry: makeRegistry(domains), now: () => NOW, zone }),
    refusals,
  );
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => void (asked = nothingAsked()));

const decide = (fields: [string, string][] | Record<string, string>) =>
  fetch(`${url}/authorizations/auth_1/decision`, {
    method: "POST",
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
const seen = { view_hash: "hash-of-what-is-shown" };

describe("deciding on a page", () => {
  it("allows once and comes back to the page", async () => {
    const response = await decide({ ...seen, decision: "authorized", notes: "" });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/authorizations/auth_1");
    expect(asked.decisions).toEqual([{ decision: "authorized", viewHash: seen.view_hash }]);
  });

  it("denies with the note, its lines kept", async () => {
    await decide({ ...seen, decision: "denied", notes: " Not now.\r\nAsk in May. " });
    expect(asked.decisions).toEqual([
      { decision: "denied", viewHash: seen.view_hash, notes: "Not now.\nAsk in May." },
    ]);
  });

  it("allows always, narrowed by what is filled in: money as cents, a day to its end in the business zone", async () => {
    await decide({
      ...seen,
      decision: "authorized",
      upgrade_permission: "true",
      record_id: "contact_1",
      max_amount_cents: "$4,500.5",
      until: "2026-11-30",
      max_uses: "3",
    });
    expect(asked.decisions[0]).toMatchObject({
      upgradePermission: true,
      scope: {
        record_id: "contact_1",
        max_amount_cents: 450_050,
        until: "2026-12-01T06:00:00Z",
        max_uses: 3,
      },
    });
  });

  it("never makes a denial permanent", async () => {
    await decide({ ...seen, decision: "denied", upgrade_permission: "true" });
    expect(asked.decisions).toEqual([{ decision: "denied", viewHash: seen.view_hash }]);
  });

  it.each([
    ["max_amount_cents", "a lot"],
    ["max_amount_cents", "0"],
    ["max_amount_cents", "1.005"],
    ["until", "2026-11-21"],
    ["until", "2026-02-30"],
    ["max_uses", "0"],
    ["max_uses", "1.5"],
  ])("decides nothing where %s is %p, and keeps what was filled in", async (name, value) => {
    const always = { ...seen, decision: "authorized", upgrade_permission: "true", notes: "my note" };
    const response = await decide({ ...always, [name]: value });
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(html).toContain(`${name}: must be`);
    expect(html).toContain(`value="${value}"`);
    expect(html).toContain("my note");
    expect(asked.decisions).toEqual([]);
  });

  it.each([
    ["without a decision", [["view_hash", seen.view_hash]]],
    ["without what was seen", [["decision", "authorized"]]],
    [
      "with two decisions at once",
      [
        ["decision", "denied"],
        ["decision", "authorized"],
        ["view_hash", seen.view_hash],
      ],
    ],
  ] as [string, [string, string][]][])("decides nothing %s", async (_, fields) => {
    expect((await decide(fields)).status).toBe(400);
    expect(asked.decisions).toEqual([]);
  });

  it("answers a late decision with 409 and who came first", async () => {
    asked.shown = anAuthorization({ status: "authorized", decided_by: "Otto Office", decided_at: ago(1) });
    const response = await decide({ ...seen, decision: "denied" });
    expect(response.status).toBe(409);
    expect(await response.text()).toMatch(/Already decided by .*Otto Office/);
  });

  it("answers a decision on an old view with 409 and the new view", async () => {
    asked.shown = anAuthorization({ view_hash: "new-hash" });
    const response = await decide({ ...seen, decision: "authorized" });
    const html = await response.text();
    expect(response.status).toBe(409);
    expect(html).toContain("changed since you looked");
    expect(html).toContain('value="new-hash"');
    expect(html).not.toContain(seen.view_hash);
  });

  it("is never done by GET", async () => {
    expect((await fetch(`${url}/authorizations/auth_1/decision?decision=authorized`)).status).toBe(404);
    expect(asked.decisions).toEqual([]);
  });
});

const post = (path: string, fields: Record<string, string> = {}) =>
  fetch(url + path, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });

describe("rules on their page", () => {
  it("narrows by what is filled in, and leaves the rest as it is", async () => {
    const response = await post("/rules/rule_1/narrow", {
      max_amount_cents: "450.50",
      until: "",
      max_uses: "2",
    });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/rules#rule_1"]);
    expect(asked.narrowed).toEqual([["rule_1", { max_amount_cents: 45_050, max_uses: 2 }]]);
  });

  it.each([
    [{}, "names no limit"],
    [{ max_uses: "9" }, "must be at most 3"],
    [{ until: "yesterday" }, "must be a day from today on"],
  ])("shows the page again where %p cannot be", async (fields, why) => {
    const response = await post("/rules/rule_1/narrow", fields);
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(html).toContain(why);
    for (const value of Object.values(fields)) expect(html).toContain(`value="${value}"`);
  });

  it("revokes", async () => {
    const response = await post("/rules/rule_1/revoke");
    expect([response.status, response.headers.get("location")]).toEqual([303, "/rules"]);
    expect(asked.revoked).toEqual(["rule_1"]);
  });
});

describe("undo on a job's page", () => {
  it("asks for a new job and shows that one", async () => {
    const response = await post("/jobs/job_1/undo", { reasoning: " A mistake. " });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/jobs/job_2"]);
    expect(asked.submitted).toMatchObject([
      { domain: "job", action: "undo", data: { job_id: "job_1" }, reasoning: "A mistake." },
    ]);
  });

  it("is offered for an action that can be taken back", async () => {
    expect(await (await fetch(`${url}/jobs/job_1`)).text()).toContain('action="/jobs/job_1/undo"');
  });
});

describe("the audit's page", () => {
  it("asks for what its form says, empty fields left out", async () => {
    await fetch(`${url}/audit?entity=contact_1&actor=`);
    expect(asked.audited).toEqual([{ entity: "contact_1", limit: 20 }]);
  });

  it("refuses a question that there is not", async () => {
    const response = await fetch(`${url}/audit?user=1`);
    expect(await response.json()).toMatchObject({ code: "validation_failed", fields: [{ path: "user" }] });
  });
});

describe("finding the pages", () => {
  it("starts at the queue", async () => {
    const response = await fetch(`${url}/`, { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/authorizations"]);
  });

  it("hands an unknown id to the app as the CRM refused it", async () => {
    const response = await fetch(`${url}/authorizations/auth_9`);
    expect(response.status).toBe(418);
    expect(await response.json()).toMatchObject({ code: "not_found" });
  });

  it("refuses a status that there is not, and says which there are", async () => {
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

  it("serves the style once and then only says that it has not changed", async () => {
    const first = await fetch(`${url}/assets/countersign.css`);
    expect(first.headers.get("cache-control")).toContain("max-age");
    const etag = first.headers.get("etag") ?? "";
    // Not fetch: beside If-None-Match it asks for no cached answer.
    const again = await new Promise<IncomingMessage>((resolve) =>
      get(`${url}/assets/countersign.css`, { headers: { "If-None-Match": etag } }, resolve),
    );
    again.resume();
    expect([first.status, again.statusCode]).toEqual([200, 304]);
    expect((await fetch(`${url}/assets/favicon.svg`)).headers.get("content-type")).toBe("image/svg+xml");
    expect((await fetch(`${url}/assets/..%2Findex.ts`)).status).toBe(404);
  });
});
