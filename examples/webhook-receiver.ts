/**
 * Receives the notices that Countersign posts when a job finishes or an authorization changes.
 *
 *   WEBHOOK_SECRET=whsec_… PORT=9000 npx tsx examples/webhook-receiver.ts
 *
 * Set the same secret and http://127.0.0.1:9000 on the page /settings/webhook, and allow a private network there.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { print } from "./connection.ts";

const { WEBHOOK_SECRET, PORT = "9000" } = process.env;
if (!WEBHOOK_SECRET) throw new Error("WEBHOOK_SECRET is not set; make one with: openssl rand -base64 32");
const webhook = new Webhook(WEBHOOK_SECRET);

/** A notice can arrive twice, with the same id. A real receiver stores the ids with the effect that they caused. */
const seen = new Set<string>();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    response.statusCode = receive(
      Buffer.concat(chunks).toString(),
      request.headers as Record<string, string>,
    );
    response.end();
  });
});

/** The signature covers the raw body: verify first, parse afterwards. Any 2xx answer ends the retries. */
function receive(body: string, headers: Record<string, string>): number {
  try {
    webhook.verify(body, headers);
  } catch {
    return 401;
  }
  const id = headers["webhook-id"] ?? "";
  if (seen.has(id)) return 200;
  seen.add(id);
  const { type, data } = JSON.parse(body) as { type: string; data: { action: string; status: string } };
  print(`${type}: ${data.action} ${data.status}`);
  return 200;
}

server.listen(Number(PORT), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo; // A TCP server's address is never a string.
  print(`listening on http://127.0.0.1:${port}`);
});
