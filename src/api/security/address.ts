import { isIP } from "node:net";
import type { Request } from "express";
import ipaddr from "ipaddr.js";

/**
 * The caller's address: the connection's, or what a proxy of TRUST_PROXY says in X-Forwarded-For (Express reads it). A
 * proxy's word that is no address counts as the proxy's own address.
 */
export const addressOf = (request: Request): string | null =>
  plainAddress(request.ip) ?? plainAddress(request.socket.remoteAddress);

/** Without a port, which some proxies add; an IPv4 address in IPv6 form as IPv4. Null for anything else. */
function plainAddress(text: string | undefined): string | null {
  const address = text?.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^([\d.]+):\d+$/, "$1") ?? "";
  return isIP(address) ? ipaddr.process(address).toString() : null;
}

/** What limits count by: one IPv4 address, or the /64 of an IPv6 address, which a single connection owns. */
export function networkOf(address: string | null): string {
  if (address === null || !isIP(address)) return "unknown";
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${address.replace(/%.*/, "")}/64`);
  return `${network.toString()}/64`;
}
