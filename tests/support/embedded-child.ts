/** Starts the embedded PostgreSQL in a process of its own, says how as one JSON line, and lives until stdin closes. */
import { startEmbedded } from "../../src/entities/embedded.ts";

const [dataDir] = process.argv.slice(2);
const server = await startEmbedded({ dataDir: dataDir ?? "", settings: { fsync: "off" } });
process.stdout.write(`${JSON.stringify({ url: server.url, adopted: server.adopted })}\n`);
process.stdin.resume().once("end", () => void server.stop());
