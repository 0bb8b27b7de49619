import { z } from "zod";
import { pages } from "../../src/api/console/index.ts";
import { definePage, form, frameOf, view } from "../../src/api/console/page.ts";
import { Layout, toHtml } from "../../src/api/console/ui/layout.tsx";
import { restRoutes } from "../../src/api/rest/index.ts";
import { defineRoute } from "../../src/api/route.ts";
import { inline } from "../../src/api/schema.ts";
import { type Browser, FORM, form as encoded, startApi, type TestApi } from "./test-app.ts";

const text = inline<string>({ type: "string" });

/** A new endpoint. */
const parcels = defineRoute({
  method: "post",
  path: "/api/parcels/:number",
  summary: "Weigh a parcel",
  for: "people",
  params: { number: { schema: z.string(), read: (value) => value } },
  body: z.strictObject({ grams: z.int() }),
  answer: text,
  handler: ({ params, body }) => `${params.number}: ${body.grams} g`,
});

/** A signed webhook: public, raw body. */
const signed = defineRoute({
  method: "post",
  path: "/hooks/parcels",
  summary: "Receive a signed notice",
  for: "public",
  bodyType: "raw",
  answer: text,
  handler: ({ body }) => body.toString("hex"),
});

/** A pay link: a public form. */
const pay = defineRoute({
  method: "post",
  path: "/pay/:token",
  summary: "Pay",
  for: "public",
  params: { token: { schema: z.string(), read: (value) => value } },
  bodyType: "form",
  answer: text,
  handler: ({ params, body }) => `${params.token} ${body["amount"]}`,
});

/** A new page. */
const parcelsPage = definePage({
  path: "/parcels",
  navigation: "Parcels",
  for: "owner",
  routes: (parts) => [
    view({
      path: "/parcels",
      summary: "All parcels",
      handler: async ({ response }) =>
        toHtml(
          Layout({ title: "Parcels", frame: await frameOf(parts, response), here: "/parcels", children: "" }),
        ),
    }),
    form({
      path: "/parcels",
      summary: "Send a parcel",
      handler: ({ response }) => response.redirect(303, "/parcels"),
    }),
  ],
});

let api: TestApi;
let owner: Browser;
let office: Browser;
beforeAll(async () => {
  api = await startApi({
    rest: (parts) => [...restRoutes(parts), parcels, signed, pay],
    pages: [...pages, parcelsPage],
  });
  owner = await api.signIn();
  office = await api.aUser("office");
});
afterAll(() => api.close());

const weigh = { method: "POST", body: { grams: 5 } };
const storedBy = async (send: () => Promise<unknown>) =>
  (await api.refusedDuring(send)).map(({ route }) => route);

describe("a new endpoint", () => {
  it("passes parsed parameters and body to its handler, and returns 400 for invalid ones", async () => {
    const answer = await api.asPerson(office, "/api/parcels/7", weigh);
    expect(answer).toMatchObject({ status: 200, json: { success: true, data: "7: 5 g" } });
    const bad = await api.asPerson(office, "/api/parcels/7", { method: "POST", body: { grams: "5", x: 1 } });
    expect(bad).toMatchObject({ status: 400, json: { error: { code: "validation_failed" } } });
  });

  it("rejects agents, technicians, anonymous callers and sessions without CSRF token, and stores each attempt", async () => {
    const technician = await api.aUser("technician");
    const { cookie } = office;
    const routes = await storedBy(async () => {
      for (const [status, answer] of [
        [403, api.asAgent("/api/parcels/7", weigh)],
        [403, api.asPerson(technician, "/api/parcels/7", weigh)],
        [401, api.ask("/api/parcels/7", weigh)],
        [403, api.ask("/api/parcels/7", { ...weigh, headers: { cookie } })],
        [403, api.asAgent("/api/parcels", { method: "PATCH" })],
      ] as const)
        expect((await answer).status).toBe(status);
    });
    expect(routes.sort()).toEqual(["PATCH /api/…", ...Array(4).fill("POST /api/parcels/:number")]);
  });

  it("appears in the OpenAPI document", async () => {
    const { paths } = JSON.parse((await api.ask("/openapi.json")).text) as { paths: object };
    expect(paths).toMatchObject({
      "/api/parcels/{number}": {
        post: { summary: "Weigh a parcel", tags: ["Parcels"], security: [{ session: [], csrf: [] }] },
      },
    });
  });

  it("is logged with its route pattern instead of the path", async () => {
    await api.asPerson(office, "/api/parcels/secret-number", weigh);
    const log = api.log.join("");
    expect(log).toContain('"route":"/api/parcels/:number"');
    expect(log).not.toContain("secret-number");
  });

  it("returns 405 with the allowed methods for another method", async () => {
    const answer = await api.asPerson(owner, "/api/parcels/7", { method: "PUT" });
    expect(answer).toMatchObject({ status: 405, headers: { allow: "POST" } });
    expect(answer.json.error?.hint).toBe("Use POST.");
  });
});

describe("a public endpoint", () => {
  it("receives the raw bytes, from any caller", async () => {
    const body = '{"a": 1 }';
    const data = Buffer.from(body).toString("hex");
    const sent = { method: "POST", body, headers: { "content-type": "application/json" } };
    expect((await api.ask("/hooks/parcels", sent)).json).toEqual({ success: true, data });
    expect((await api.asAgent("/hooks/parcels", sent)).status).toBe(200);
  });

  it("accepts a form without a session", async () => {
    const sent = { method: "POST", body: encoded({ amount: "450" }), headers: FORM };
    expect((await api.ask("/pay/abc", sent)).json.data).toBe("abc 450");
  });

  it("is documented without security, with its media type", async () => {
    const { paths } = JSON.parse((await api.ask("/openapi.json")).text) as { paths: object };
    const body = (type: string) => ({ requestBody: { content: { [type]: {} } } });
    expect(paths).toMatchObject({
      "/hooks/parcels": { post: { security: [], ...body("application/octet-stream") } },
      "/pay/{token}": { post: { security: [], ...body("application/x-www-form-urlencoded") } },
    });
  });
});

describe("a new page", () => {
  it("appears in the navigation of every page for users who may open it", async () => {
    const link = '<a href="/parcels"';
    expect((await api.asPerson(owner, "/parcels")).text).toContain(`${link} aria-current="page">`);
    expect((await api.asPerson(owner, "/jobs")).text).toContain(link);
    expect((await api.asPerson(office, "/jobs")).text).not.toContain(link);
  });

  it("rejects everyone else, and a form without the CSRF token", async () => {
    expect((await api.ask("/parcels")).headers.location).toBe("/login?next=%2Fparcels");
    const post = { method: "POST", body: encoded({}), headers: FORM };
    const routes = await storedBy(async () => {
      expect((await api.asPerson(office, "/parcels")).status).toBe(403);
      expect((await api.asAgent("/parcels")).status).toBe(403);
      expect((await api.ask("/parcels", post)).status).toBe(401);
      const { cookie } = owner;
      expect((await api.ask("/parcels", { ...post, headers: { ...FORM, cookie } })).status).toBe(403);
    });
    expect(routes).toEqual(["GET /parcels", "GET /parcels", "POST /parcels", "POST /parcels"]);
    expect((await api.asPerson(owner, "/parcels", post)).status).toBe(303);
  });

  it("is not in the OpenAPI document, and returns the allowed methods for a wrong method", async () => {
    expect((await api.ask("/openapi.json")).text).not.toContain('"/parcels"');
    expect((await api.asPerson(owner, "/parcels", { method: "PUT" })).headers.allow).toBe("GET, POST");
  });
});

describe("a path without a route", () => {
  it("returns 404 below /api, with the nearest paths", async () => {
    const answer = await api.asAgent("/api/contact");
    expect(answer).toMatchObject({ status: 404, json: { error: { code: "not_found" } } });
    expect(answer.json.error?.hint).toContain("/api/contacts");
  });

  it("returns 404 to a person and 403 to an agent", async () => {
    expect((await api.asPerson(owner, "/nothing")).status).toBe(404);
    expect((await api.asAgent("/nothing")).status).toBe(403);
  });
});
