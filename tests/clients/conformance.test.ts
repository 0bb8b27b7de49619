import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import type { ApiParts } from "../../src/api/app.ts";
import { mcpMount } from "../../src/mcp/http.ts";
import { type TestApi, startApi } from "../api/test-app.ts";
import { describeThirdParty } from "../support/third-party-clients.ts";
import { tempFolder } from "../support/leftovers.ts";
import { fixtureServer } from "./fixture.ts";
import { type Expected, onTheFixture, onTheProduct } from "./scenarios.ts";

/** A proxy that adds the bearer token, which the tool does not send, and replaces its own host by the real one. */
async function withToken({ url, agent }: TestApi): Promise<Server> {
  const target = new URL(url);
  const proxy = createServer((incoming, answer) => {
    const { port } = proxy.address() as AddressInfo; // A TCP server's address has this type.
    const meant = (value?: string) =>
      value?.replace(new RegExp(`(localhost|127\\.0\\.0\\.1):${port}$`), target.host);
    const { host, origin } = incoming.headers;
    const headers = {
      ...incoming.headers,
      host: meant(host),
      ...(origin && { origin: meant(origin) }),
      authorization: `Bearer ${agent.token}`,
    };
    const onward = request(
      { host: "127.0.0.1", port: target.port, path: incoming.url, method: incoming.method, headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    onward.on("error", () => answer.destroy());
    incoming.pipe(onward);
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  return proxy;
}

interface Check {
  id: string;
  status: string;
  errorMessage?: string;
}

await describeThirdParty(
  "The conformance tool",
  ["@modelcontextprotocol/conformance@0.2.0-alpha.12"],
  ({ folder, node }) => {
    const program = join(folder, "node_modules/@modelcontextprotocol/conformance/dist/index.js");

    /** Every scenario of a revision with its checks. */
    async function examine(api: TestApi, revision: string): Promise<Map<string, Check[]>> {
      const proxy = await withToken(api);
      const { port } = proxy.address() as AddressInfo;
      const out = await tempFolder("conformance");
      const where = ["--url", `http://localhost:${port}/mcp`, "--requirements", revision, "-o", out];
      try {
        // Its exit code also counts expected failures; the result files name them.
        const tool = execFile(node, [program, "server", ...where], { maxBuffer: 64 * 1024 * 1024 });
        await once(tool, "close");
        const results = (await readdir(out)).map(async (result): Promise<[string, Check[]]> => {
          const checks = await readFile(join(out, result, "checks.json"), "utf8");
          return [result.replace(/^server-|-\d{4}-\d\d-\d\dT.*$/g, ""), JSON.parse(checks) as Check[]];
        });
        return new Map(await Promise.all(results));
      } finally {
        proxy.closeAllConnections();
        proxy.close();
        await rm(out, { recursive: true });
      }
    }

    const mounts: [string, Record<string, Expected>, Partial<ApiParts>][] = [
      [
        "a fixture on the product's HTTP stack",
        onTheFixture,
        { mcp: mcpMount(fixtureServer, pino({ level: "silent" })) },
      ],
      ["the product's own endpoint, as far as it applies", onTheProduct, {}],
    ];
    describe.each(mounts)("finds no fault with %s", (_name, expectations, parts) => {
      let api: TestApi;
      beforeAll(async () => void (api = await startApi(parts)));
      afterAll(() => api.close());

      it.each(Object.keys(expectations))("revision %s", async (revision) => {
        const { passes = [], apart = {}, checksApart = {} } = expectations[revision] ?? {};
        const scenarios = await examine(api, revision);
        expect([...scenarios.keys()].sort()).toEqual([...passes, ...Object.values(apart).flat()].sort());
        const checks = passes.flatMap((scenario) =>
          (scenarios.get(scenario) ?? []).map((check) => ({ scenario, ...check })),
        );
        const failures = checks.filter(({ status }) => status === "FAILURE");
        expect(failures.filter(({ id }) => !(id in checksApart))).toEqual([]);
        expect(failures.map(({ id }) => id).sort()).toEqual(Object.keys(checksApart).sort());
        const held = checks.filter(({ status }) => status === "SUCCESS").map(({ scenario }) => scenario);
        expect([...new Set(held)].sort()).toEqual([...passes].sort());
      });
    });
  },
);
