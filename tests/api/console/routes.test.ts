import { get, type IncomingMessage } from "node:http";
import { anAuthorization, ago } from "./views.ts";
import { servedConsole } from "./served.ts";

const { state, post } = servedConsole();

const decide = (fields: [string, string][] | Record<string, string>) =>
  post("/authorizations/auth_1/decision", fields);
const shown = { view_hash: "hash-of-what-is-shown" };

describe("the decision form", () => {
  it("allows once and redirects to the page", async () => {
    const response = await decide({ ...shown, decision: "authorized", notes: "" });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/authorizations/auth_1");
    expect(state.calls.decisions).toEqual([{ decision: "authorized", view_hash: shown.view_hash }]);
  });

  it("denies with the note, including its line breaks", async () => {
    await decide({ ...shown, decision: "denied", notes: " Not now.\r\nAsk in May. " });
    expect(state.calls.decisions).toEqual([
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
    expect(state.calls.decisions[0]).toMatchObject({
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
    expect(state.calls.decisions).toMatchObject([
      { decision: "authorized", scope: { max_uses: 10 } },
      { decision: "authorized", view_hash: shown.view_hash, scope: {} },
    ]);
  });

  it("never makes a denial permanent", async () => {
    await decide({ ...shown, decision: "denied", upgrade_permission: "true" });
    expect(state.calls.decisions).toEqual([{ decision: "denied", view_hash: shown.view_hash }]);
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
    expect(state.calls.decisions).toEqual([]);
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
    expect(state.calls.decisions).toEqual([]);
  });

  it("returns 409 with the first decider for a late decision", async () => {
    state.calls.shown = anAuthorization({
      status: "authorized",
      decided_by: "Otto Office",
      decided_at: ago(1),
    });
    const response = await decide({ ...shown, decision: "denied" });
    expect(response.status).toBe(409);
    expect(await response.text()).toMatch(/Already decided by .*Otto Office/);
  });

  it("returns 409 with the new view for a decision on an old view", async () => {
    state.calls.shown = anAuthorization({ view_hash: "new-hash" });
    const response = await decide({ ...shown, decision: "authorized" });
    const html = await response.text();
    expect(response.status).toBe(409);
    expect(html).toContain("something else than you were shown");
    expect(html).toContain('value="new-hash"');
    expect(html).not.toContain(shown.view_hash);
  });

  it("rejects GET", async () => {
    const response = await fetch(`${state.url}/authorizations/auth_1/decision?decision=authorized`);
    expect(await response.json()).toMatchObject({ message: "GET is not possible here.", hint: "Use POST." });
    expect(state.calls.decisions).toEqual([]);
  });
});

describe("the rules page", () => {
  it("narrows a rule by the filled fields only", async () => {
    const response = await post("/rules/rule_1/narrow", {
      max_amount_cents: "450.50",
      until: "",
      max_uses: "2",
    });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/rules#rule_1"]);
    expect(state.calls.narrowed).toEqual([["rule_1", { max_amount_cents: 45_050, max_uses: 2 }]]);
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
    expect(state.calls.revoked).toEqual(["rule_1"]);
  });
});

describe("undo on a job's page", () => {
  it("submits a new job and redirects to it", async () => {
    const response = await post("/jobs/job_1/undo", { reasoning: " A mistake. " });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/jobs/job_2"]);
    expect(state.calls.submitted).toMatchObject([
      { domain: "job", action: "undo", data: { job_id: "job_1" }, reasoning: "A mistake." },
    ]);
  });

  it("is offered for an action that can be undone", async () => {
    expect(await (await fetch(`${state.url}/jobs/job_1`)).text()).toContain('action="/jobs/job_1/undo"');
  });
});

describe("the audit page", () => {
  it("filters by the filled fields only", async () => {
    await fetch(`${state.url}/audit?entity=contact_1&actor=`);
    expect(state.calls.audited).toEqual([{ entity: "contact_1", limit: 20 }]);
  });

  it("rejects an unknown filter with the field", async () => {
    const response = await fetch(`${state.url}/audit?user=1`);
    expect(await response.json()).toMatchObject({ code: "validation_failed", fields: [{ path: "user" }] });
  });
});

describe("the console", () => {
  it("redirects / to the authorizations", async () => {
    const response = await fetch(`${state.url}/`, { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/authorizations"]);
  });

  it("passes not_found for an unknown id to the error handler", async () => {
    const response = await fetch(`${state.url}/authorizations/auth_9`);
    expect(response.status).toBe(418);
    expect(await response.json()).toMatchObject({ code: "not_found" });
  });

  it("rejects an unknown status with the field", async () => {
    const response = await fetch(`${state.url}/jobs?status=gone`);
    expect(await response.json()).toMatchObject({ code: "validation_failed", fields: [{ path: "status" }] });
  });

  it.each(["/authorizations", "/authorizations/auth_1", "/jobs", "/jobs/job_1", "/rules", "/audit"])(
    "serves %s",
    async (path) => {
      const response = await fetch(state.url + path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    },
  );

  it("serves the style sheet, then 304 while it is unchanged", async () => {
    const first = await fetch(`${state.url}/assets/countersign.css`);
    expect(first.headers.get("cache-control")).toContain("max-age");
    const etag = first.headers.get("etag") ?? "";
    // Not fetch: with If-None-Match it also sends Cache-Control: no-cache.
    const again = await new Promise<IncomingMessage>((resolve) =>
      get(`${state.url}/assets/countersign.css`, { headers: { "If-None-Match": etag } }, resolve),
    );
    again.resume();
    expect([first.status, again.statusCode]).toEqual([200, 304]);
    expect((await fetch(`${state.url}/assets/favicon.svg`)).headers.get("content-type")).toBe(
      "image/svg+xml",
    );
    expect((await fetch(`${state.url}/assets/..%2Findex.ts`)).status).toBe(404);
  });
});
