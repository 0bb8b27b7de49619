import { lookup } from "node:dns/promises";
import { request as http } from "node:http";
import { request as https } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { Webhook } from "standardwebhooks";
import { WebhookEndpoint } from "../../entities/webhook-endpoint.ts";
import { type ChannelParts, type ClaimedDelivery, refused, type SendResult } from "./channel.ts";
import { webhookBody } from "./webhook-body.ts";

export interface Endpoint {
  url: string;
  secret: string;
  /** Allows hosts in a private network. */
  allowPrivate: boolean;
}

/** Shorter than the attempt's own limit: a slow host must not delay e-mail. Retried later. */
const TIMEOUT_MS = 15_000;

export interface Notice {
  /** The same in every attempt, so that the receiver can detect duplicates. */
  id: string;
  body: string;
}

/** Posts an event to the owner's webhook. */
export async function sendWebhook(
  { db, publicUrl }: ChannelParts,
  { id, payload }: ClaimedDelivery,
  signal: AbortSignal,
): Promise<SendResult> {
  const endpoint = await db.getRepository(WebhookEndpoint).findOneBy({ id: "webhook" });
  const body = endpoint && (await webhookBody(db.manager, payload, publicUrl()));
  if (!body) return refused("The webhook was removed before this was sent.", true);
  const { url, secret, allow_private: allowPrivate } = endpoint;
  return postWebhook({ url, secret, allowPrivate }, { id, body }, signal);
}

interface Address {
  address: string;
  family: number;
}

/**
 * Sends one signed POST as Standard Webhooks specifies. Never throws. Resolves the host once and connects to the checked
 * addresses, so that a second DNS answer cannot lead into a private network (DNS rebinding).
 */
export async function postWebhook(
  endpoint: Endpoint,
  notice: Notice,
  signal: AbortSignal,
): Promise<SendResult> {
  const url = new URL(endpoint.url);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  const found: Address[] = family
    ? [{ address: host, family }]
    : await lookup(host, { all: true }).catch(() => []);
  if (found.length === 0) return refused("The webhook's host has no address.");
  if (!endpoint.allowPrivate && !found.every(({ address }) => isPublic(address)))
    return refused("The webhook's host is in a private network, which its settings do not allow.", true);
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    return resultOf(await post(url, found, { endpoint, notice, signal: deadline }));
  } catch {
    return refused("The webhook's host did not answer.");
  }
}

/** IPv6 global unicast. Excludes old notations of IPv4 addresses, such as ::127.0.0.1. */
const ROUTED = ipaddr.IPv6.parseCIDR("2000::/3");

/** False for loopback, link-local, private and other special addresses, including those mapped into IPv6. */
export function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address);
  return parsed.range() === "unicast" && (parsed.kind() === "ipv4" || parsed.match(ROUTED));
}

interface Request {
  endpoint: Endpoint;
  notice: Notice;
  signal: AbortSignal;
}

/** Resolves with the status. Redirects are not followed: they would bypass the address check. */
function post(url: URL, found: Address[], { endpoint, notice, signal }: Request): Promise<number> {
  const at = new Date(); // Real time: the receiver compares it with its own clock.
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
        response.destroy(); // The body is not read.
      },
    );
    sent.on("error", reject);
    sent.end(notice.body);
  });
}

function resultOf(status: number): SendResult {
  if (status >= 200 && status < 300) return { kind: "sent", providerId: null };
  if (status >= 300 && status < 400)
    return refused(`The webhook answered ${status}: redirects are not followed.`);
  return refused(`The webhook answered ${status}.`, status === 410);
}
