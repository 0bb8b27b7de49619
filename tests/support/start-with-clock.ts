/** Starts the product with a test clock: CLOCK is its start, a message `{now}` sets it. */
import { readConfig, type Service } from "../../src/config.ts";
import { makeLog } from "../../src/log.ts";
import { start } from "../../src/main.ts";

const config = readConfig();
let offsetMs = 0;
const moveTo = (now: unknown) => (offsetMs = Date.parse(String(now)) - Date.now());
moveTo(process.env["CLOCK"]);

process.on("message", (message: { now: string }) => {
  moveTo(message.now);
  process.send?.(message); // Acknowledged: from here on every part reads the new time.
});
const services = (process.argv.at(-1) ?? "").split(",") as Service[]; // startApp() passes them.
const clock = { now: () => new Date(Date.now() + offsetMs) };
const running = await start(config, services, { log: makeLog(config.logLevel), clock });
process.on("SIGTERM", () => void running.stop().then(() => process.exit(0)));
process.stdout.write(`ready ${running.url ?? "(workers)"}\n`);
