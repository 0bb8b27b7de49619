import { lookup } from "node:dns/promises";
import { request as http } from "node:http";
import { request as https } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { Webhook } from "standardwebhooks";
import { refused, type Sending } from "./sending.ts";

export interface Endpoint {
  url: string;
  secret: string;
  /** Whether it may lead into a private network. */
  allowPrivate: boolean;
}

/** Who takes longer is tried again: one slow host must not hold up the mail. */
const TIMEOUT_MS = 15_000;

export interface Notice {
  /** The same in every try: who receives it twice knows it by this. */
  id: string;
  body: string;
}

interface Address {
  address: string;
  family: number;
}

/** One signed POST after the Standard Webhooks. Never throws. The name is looked up once, and what was checked is called. */
export async function postWebhook(endpoint: Endpoint, notice: Notice, signal: AbortSignal): Promise<Sending> {
  const url = new URL(endpoint.url);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  const found: Address[] = family
    ? [{ address: host, family }]
    : await lookup(host, { all: true }).catch(() => []);
  if (found.length === 0) return refused("The webhook's host has no address.");
  if (!endpoint.allowPrivate && !found.every(({ address }) => isPublic(address)))
    return refused("The webhook's host is in a private network, which its settings do not allow.", true);
  const soon = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    return answered(await post(url, found, { endpoint, notice, signal: soon }));
  } catch {
    return refused("The webhook's host did not answer.");
  }
}

/** All of IPv6 that leads anywhere; below it lie old ways to write an IPv4 address, such as ::127.0.0.1. */
const ROUTED = ipaddr.IPv6.parseCIDR("2000::/3");

/** Loopback, link-local, private and all other special addresses are not; nor what is wrapped into IPv6. */
export function isPublic(address: string): boolean {
  const meant = ipaddr.process(address);
  return meant.range() === "unicast" && (meant.kind() === "ipv4" || meant.match(ROUTED));
}

interface Sent {
  endpoint: Endpoint;
  notice: Notice;
  signal: AbortSignal;
}

/** The status it answers with. Redirects are not followed: they would lead past the check. */
function post(url: URL, found: Address[], { endpoint, notice, signal }: Sent): Promise<number> {
  const at = new Date();
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(notice.body),
    "user-agent": "Countersign",
    "webhook-id": notice.id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": new Webhook(endpoint.secret).sign(notice.id, at, notice.body),
  };
  const checked: LookupFunction = (_host, { all }, done) => {
    const [first] = found;
    if (all) done(null, found);
    else done(null, first?.address ?? "", first?.family);
  };
  const request = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: "POST", headers, lookup: checked, agent: false, signal },
      (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy(); // What it has to say beyond that is not read.
      },
    );
    sent.on("error", reject);
    sent.end(notice.body);
  });
}

function answered(status: number): Sending {
  if (status >= 200 && status < 300) return { kind: "sent", providerId: null };
  if (status >= 300 && status < 400)
    return refused(`The webhook answered ${status}: redirects are not followed.`);
  return refused(`The webhook answered ${status}.`, status === 410);
}
