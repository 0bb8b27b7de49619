import { refused, type Sending, type SendLetter } from "./sending.ts";

export interface SmsSettings {
  accountSid: string;
  authToken: string;
  /** A number, a messaging service (MG…) or a name. */
  from: string;
  /** Another address than Twilio's own. */
  baseUrl?: string;
}

/** Codes of a connection that never was: the request did not leave. */
const NOT_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
const TIMEOUT_MS = 30_000;

/** Over Twilio, which offers no idempotency key: a request without an answer is never sent again. */
export async function makeSms({ accountSid, authToken, from, baseUrl }: SmsSettings): Promise<SendLetter> {
  const { default: twilio } = await import("twilio"); // Large, and mostly not needed.
  // No connection is kept: one that had gone stale would leave a request unanswered.
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
      return judge(error);
    }
  };
}

function judge(error: unknown): Sending {
  const { status, code } = error as { status?: number; code?: number | string }; // A RestException, or Node's own.
  if (typeof code === "string" && NOT_CONNECTED.has(code)) return refused("Twilio could not be reached.");
  if (status === 429) return refused("Twilio is busy (429).");
  if (status === 401 || status === 403)
    return refused(`Twilio did not let us in (${status}): check TWILIO_AUTH_TOKEN.`);
  if (status !== undefined && status >= 400 && status < 500)
    return refused(`Twilio refused it (${code ?? status}).`, true);
  const words = "Twilio did not answer: it may have arrived. Look before you send it again.";
  return { kind: "unknown", words };
}
