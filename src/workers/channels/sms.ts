import { refused, type SendResult, type Send } from "./channel.ts";

export interface SmsSettings {
  accountSid: string;
  authToken: string;
  /** A number, a messaging service (MG…) or a name. */
  from: string;
  /** Replaces Twilio's own address, for tests. */
  baseUrl?: string;
}

/** Error codes of a connection that was never established: nothing was sent. */
const NOT_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
const TIMEOUT_MS = 30_000;

/** Sends through Twilio, which has no idempotency key: a request without a response is never repeated. */
export async function makeSms({ accountSid, authToken, from, baseUrl }: SmsSettings): Promise<Send> {
  const { default: twilio } = await import("twilio"); // Loaded on demand: large, and few installations use it.
  // No keep-alive: a stale connection would leave a request without a response.
  const httpClient = new twilio.RequestClient({ timeout: TIMEOUT_MS, keepAlive: false });
  if (baseUrl !== undefined) {
    const send = httpClient.request.bind(httpClient);
    httpClient.request = (request) =>
      send({ ...request, uri: request.uri.replace(/^https:\/\/api\.twilio\.com/, baseUrl) });
  }
  const client = twilio(accountSid, authToken, { httpClient });
  const sender = /^MG/.test(from) ? { messagingServiceSid: from } : { from };
  return async ({ to, body }, signal) => {
    try {
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("too late")), { once: true });
      });
      const { sid } = await Promise.race([client.messages.create({ to, body, ...sender }), aborted]);
      return { kind: "sent", providerId: sid };
    } catch (error) {
      return resultOf(error);
    }
  };
}

function resultOf(error: unknown): SendResult {
  const { status, code } = error as { status?: number; code?: number | string }; // A RestException or a Node error.
  if (typeof code === "string" && NOT_CONNECTED.has(code)) return refused("Twilio could not be reached.");
  if (status === 429) return refused("Twilio is busy (429).");
  if (status === 401 || status === 403)
    return refused(`Twilio refused the login (${status}): check TWILIO_AUTH_TOKEN.`);
  if (status !== undefined && status >= 400 && status < 500)
    return refused(`Twilio refused it (${code ?? status}).`, true);
  const words = "Twilio did not answer: it may have arrived. Check before you send it again.";
  return { kind: "unknown", words };
}
