/** The stdio server in a process of its own, as `countersign mcp` runs it: URL and token are its arguments. */
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
