import type { Request, RequestHandler } from "express";
import { forbidden } from "../../domain/core/errors.ts";
import { SAFE } from "./paths.ts";
import type { SecurityLog } from "./security-log.ts";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Refuses unknown Host headers: another name that resolves to this server would count as our origin (DNS rebinding). */
export function checkHost(publicUrl: () => string, securityLog: SecurityLog): RequestHandler {
  return async (request, response, next) => {
    const host = /^(\[::1\]|[a-z0-9.-]+)(:\d{1,5})?$/i.exec(request.headers.host ?? "")?.[1]?.toLowerCase();
    if (host && [...LOOPBACK, new URL(publicUrl()).hostname].includes(host)) return next();
    await securityLog.refuse(
      response,
      `unknown host: ${request.headers.host ?? "missing"}`,
      forbidden("This server does not answer to that host name.", "Use its PUBLIC_URL, or localhost."),
    );
  };
}

/** Refuses requests from other sites' pages, with any cookie or token. */
export function checkOrigin(publicUrl: () => string, securityLog: SecurityLog): RequestHandler {
  return async (request, response, next) => {
    const { origin, "sec-fetch-site": site } = request.headers;
    const foreign = origin !== undefined && !ours(request, publicUrl()).includes(origin);
    if (!foreign && (site !== "cross-site" || SAFE.has(request.method))) return next();
    await securityLog.refuse(
      response,
      `page of another site: ${origin ?? "cross-site"}`,
      forbidden("Requests from other sites' pages are refused.", "Open the page under PUBLIC_URL itself."),
    );
  };
}

function ours(request: Request, publicUrl: string): string[] {
  const local = LOOPBACK.flatMap((host) => [`http://${host}`, `https://${host}`]);
  const port = request.socket.localPort;
  return [new URL(publicUrl).origin, ...local.map((base) => new URL(`${base}:${port}`).origin)];
}
