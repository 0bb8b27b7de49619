/** Runs the stdio server in its own process, like `countersign mcp`. Arguments: URL and token. */
import { CrmError } from "../../src/domain/core/errors.ts";
import { runStdio } from "../../src/mcp/stdio.ts";

const [apiUrl = "", token = ""] = process.argv.slice(2);
const write = (fields: object, message: string) =>
  void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
try {
  await runStdio({ apiUrl, token, log: { debug: () => undefined, error: write } });
} catch (error) {
  if (!(error instanceof CrmError)) throw error;
  process.stderr.write(`${error.message} ${error.body.hint}\n`);
  process.exitCode = 1;
}
