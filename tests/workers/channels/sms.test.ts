import { makeSms } from "../../../src/workers/channels/sms.ts";
import type { SendResult } from "../../../src/workers/channels/channel.ts";
import { startHttpServer, type TestHttpServer } from "../../support/http-edge.ts";

const accountSid = `AC${"1".repeat(32)}`;
const authToken = "a-token";
const NEVER = new AbortController().signal;
const message = { id: "delivery_1", to: "+16085550142", subject: null, body: "We come at 9." };

/** A stand-in for Twilio's API that checks login, path and fields. */
let mood: number | "cut" = 201;
let edge: TestHttpServer;
beforeAll(async () => {
  edge = await startHttpServer(({ method, path, headers, body }, response) => {
    const basic = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const form = new URLSearchParams(body);
    const wanted = ["Body", "To"].every((field) => form.get(field));
    const answer = (status: number, content: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
    if (mood === "cut") return void response.destroy();
    if (headers.authorization !== basic)
      return void answer(401, { code: 20003, message: "Authenticate", status: 401 });
    if (method !== "POST" || path !== `/2010-04-01/Accounts/${accountSid}/Messages.json` || !wanted)
      return void answer(404, { code: 20404, message: "not found", status: 404 });
    answer(
      mood,
      mood < 300 ? { sid: "SM123", status: "queued" } : { code: 21211, message: "No", status: mood },
    );
  });
});
afterAll(() => edge.close());

const send = async (settings: object = {}): Promise<SendResult> => {
  const sms = await makeSms({ accountSid, authToken, from: "+16085550100", baseUrl: edge.url, ...settings });
  return sms(message, NEVER);
};

it("sends through Twilio, from a number or a messaging service", async () => {
  mood = 201;
  expect(await send()).toEqual({ kind: "sent", providerId: "SM123" });
  expect(Object.fromEntries(new URLSearchParams(edge.requests.at(-1)?.body))).toEqual({
    To: message.to,
    From: "+16085550100",
    Body: message.body,
  });
  const service = `MG${"2".repeat(32)}`;
  expect(await send({ from: service })).toMatchObject({ kind: "sent" });
  expect(new URLSearchParams(edge.requests.at(-1)?.body).get("MessagingServiceSid")).toBe(service);
});

it.each([
  [400, { kind: "refused", permanent: true, words: "Twilio refused it (21211)." }],
  [429, { kind: "refused", permanent: false }],
  [500, { kind: "unknown" }],
  ["cut" as const, { kind: "unknown", words: expect.stringContaining("may have arrived") }],
])("returns the right result after one request when Twilio answers %p", async (answer, expected) => {
  mood = answer;
  const before = edge.requests.length;
  expect(await send()).toMatchObject(expected);
  expect(edge.requests.length - before).toBe(1);
});

it("returns a temporary refusal after a wrong token or a refused connection", async () => {
  mood = 201;
  expect(await send({ authToken: "wrong" })).toMatchObject({ kind: "refused", permanent: false });
  expect(await send({ baseUrl: "http://127.0.0.1:1" })).toMatchObject({ kind: "refused", permanent: false });
});
