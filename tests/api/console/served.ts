import { createServer, type Server } from "node:http";
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
import { aFrame, NOW } from "./views.ts";
import { aStub, never, noCalls } from "./stub.ts";

const refusals: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!(error instanceof CrmError)) return next(error);
  response.status(418).json(error.body);
};

/** The console's pages over a stub, served while the tests of this file run. Before each test, nothing was called. */
export function servedConsole() {
  const state = { calls: noCalls(), url: "" };
  let server: Server;
  beforeEach(() => void (state.calls = noCalls()));
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeAll(async () => {
    const parts = {
      crm: aStub(() => state.calls),
      db: {} as DataSource, // Only sign-in and invitations use it.
      registry: makeRegistry(domains),
      webhook: { read: never, set: never, remove: never },
      securityLog: { note: never, refuse: never },
      publicUrl: () => state.url,
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
    state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  /** Posts a form as a browser does. */
  const post = (path: string, fields: [string, string][] | Record<string, string> = {}) =>
    fetch(state.url + path, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
  return { state, post };
}
