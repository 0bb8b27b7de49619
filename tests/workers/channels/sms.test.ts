import { makeSms } from "../../../src/workers/channels/sms.ts";
import type { Sending } from "../../../src/workers/channels/sending.ts";
import { anHttpEdge, type HttpEdge } from "../../support/http-edge.ts";

const accountSid = `AC${"1".repeat(32)}`;
const authToken = "a-token";
const NEVER = new AbortController().signal;
const letter = { id: "delivery_1", to: "+16085550142", subject: null, body: "We come at 9." };

/** Twilio's own, as far as it concerns us: who asks, what for, and its answers. */
let mood: number | "cut" = 201;
let edge: HttpEdge;
beforeAll(async () => {
  edge = await anHttpEdge(({ method, path, headers, body }, response) => {
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

const send = async (settings: object = {}): Promise<Sending> => {
  const sms = await makeSms({ accountSid, authToken, from: "+16085550100", baseUrl: edge.url, ...settings });
  return sms(letter, NEVER);
};

it("sends by Twilio, from a number or a messaging service", async () => {
  mood = 201;
  expect(await send()).toEqual({ kind: "sent", providerId: "SM123" });
  expect(Object.fromEntries(new URLSearchParams(edge.heard.at(-1)?.body))).toEqual({
    To: letter.to,
    From: "+16085550100",
    Body: letter.body,
  });
  const service = `MG${"2".repeat(32)}`;
  expect(await send({ from: service })).toMatchObject({ kind: "sent" });
  expect(new URLSearchParams(edge.heard.at(-1)?.body).get("MessagingServiceSid")).toBe(service);
});

it.each([
  [400, { kind: "refused", forGood: true, words: "Twilio refused it (21211)." }],
  [429, { kind: "refused", forGood: false }],
  [500, { kind: "unknown" }],
  ["cut" as const, { kind: "unknown", words: expect.stringContaining("may have arrived") }],
])("judges %p: what may have arrived is not sent again", async (answer, expected) => {
  mood = answer;
  const before = edge.heard.length;
  expect(await send()).toMatchObject(expected);
  expect(edge.heard.length - before).toBe(1);
});

it("waits where it was not let in, or nobody was there", async () => {
  mood = 201;
  expect(await send({ authToken: "wrong" })).toMatchObject({ kind: "refused", forGood: false });
  expect(await send({ baseUrl: "http://127.0.0.1:1" })).toMatchObject({ kind: "refused", forGood: false });
});
