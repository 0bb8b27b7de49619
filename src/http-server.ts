import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** How long a stopping server waits for open requests. */
const REQUEST_GRACE_MS = 2_000;

/**
 * How long an idle connection stays open. With Node's 5 s, a client that reuses a pooled connection just as the server
 * closes it gets a connection error. Longer than the 60 s that proxies and load balancers keep theirs, so that the
 * client closes first.
 */
const KEEP_ALIVE_MS = 65_000;

/** Time limit for the headers of a request. Above KEEP_ALIVE_MS, so that it never ends an idle connection first. */
const HEADERS_MS = KEEP_ALIVE_MS + 1_000;

/** A server without a handler yet; `listening` starts it. */
export const makeServer = (): Server =>
  createServer({ keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS });

/** The port that the server listens on; 0 before it does. */
export const portOf = (server: Server): number => (server.address() as AddressInfo | null)?.port ?? 0; // A TCP server's.

export const listening = (server: Server, { host, port }: { host: string; port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });

/** Accepts no more connections, answers open requests and closes each connection once it is idle. */
export const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    const forced = setTimeout(() => server.closeAllConnections(), REQUEST_GRACE_MS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(forced);
      resolve();
    });
  });
