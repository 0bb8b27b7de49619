/** Starts the embedded PostgreSQL in a separate process, prints its URL as one JSON line, and runs until stdin closes. */
import { startEmbedded } from "../../src/database/embedded/index.ts";

const [dataDir] = process.argv.slice(2);
const server = await startEmbedded({ dataDir: dataDir ?? "", settings: { fsync: "off" } });
process.stdout.write(`${JSON.stringify({ url: server.url, adopted: server.adopted })}\n`);
process.stdin.resume().once("end", () => void server.stop());
