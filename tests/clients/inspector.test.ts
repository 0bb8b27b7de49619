import { execFile } from "node:child_process";
import { join } from "node:path";
import { startApp, type TestApp, type Session } from "../support/app.ts";
import { placeOf } from "../support/mcp-clients.ts";
import { describeThirdParty } from "../support/third-party-clients.ts";
import { deleteTheJohnsons } from "./conversation.ts";

const TOOL_ERROR = 5;
const AUTH_NEEDED = 3;
/** Each call starts a process, over stdio two. */
const PATIENCE_MS = 180_000;

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

await describeThirdParty(
  "The MCP Inspector's command line",
  ["@modelcontextprotocol/inspector@2.12.0"],
  ({ folder, node }) => {
    const program = join(
      folder,
      "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js",
    );
    let house: TestApp;
    let owner: Session;
    beforeAll(async () => {
      house = await startApp({ redisUrl: () => undefined });
      owner = await house.owner();
    });
    afterAll(() => house.stop());

    const inspect = (args: string[]): Promise<Ended> =>
      new Promise((resolve, reject) => {
        const child = execFile(node, [program, "--cli", ...args], (error, stdout, stderr) => {
          if (child.exitCode === null) return reject(error ?? new Error("it was ended by a signal"));
          resolve({ code: child.exitCode, stdout, stderr });
        });
      });
    const overHttp = () => [`${house.url}/mcp`, "--header", `Authorization: Bearer ${house.token}`];
    const overStdio = () => {
      const { command, args, env = {} } = placeOf(house).program;
      return [
        command,
        ...args,
        ...Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]),
      ];
    };

    describe.each([
      ["HTTP, modern", overHttp, "modern"],
      ["HTTP, legacy", overHttp, "legacy"],
      ["stdio, modern", overStdio, "modern"],
      ["stdio, legacy", overStdio, "legacy"],
    ])("over %s", (_name, place, era) => {
      const use = (...args: string[]) =>
        inspect([
          ...place(),
          "--protocol-era",
          era,
          "--format",
          "json",
          "--connect-timeout",
          "60000",
          ...args,
        ]);
      const call = (tool: string, input: object) =>
        use("--method", "tools/call", "--tool-name", tool, "--tool-args-json", JSON.stringify(input));

      it("accepts the list of tools without a warning", async () => {
        const { code, stdout, stderr } = await use("--method", "tools/list", "--strict");
        expect({ code, stderr }).toMatchObject({ code: 0 });
        expect(stdout).toContain("crm_capabilities");
      });

      it(
        "holds the guide's conversation",
        async () => {
          await deleteTheJohnsons(house, owner, async (tool, input) => {
            const { code, stdout, stderr } = await call(tool, input);
            if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
            return (JSON.parse(stdout) as { result: { structuredContent: unknown } }).result
              .structuredContent;
          });
        },
        PATIENCE_MS,
      );

      it("shows a refusal as a tool error with the next step", async () => {
        const { code, stdout } = await call("crm_action", { domain: "contact", action: "delet", data: {} });
        expect(stdout).toContain("delete");
        expect(code).toBe(TOOL_ERROR);
      });
    });

    it.each(["modern", "legacy"])("is refused without a token, %s", async (era) => {
      const args = ["--protocol-era", era, "--stored-auth-only", "--method", "tools/list"];
      expect(await inspect([`${house.url}/mcp`, ...args])).toMatchObject({ code: AUTH_NEEDED });
    });
  },
);
