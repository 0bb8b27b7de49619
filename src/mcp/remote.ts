import { z } from "zod";
import { CrmError, type ErrorCode } from "../domain/core/errors.ts";
import type { ToolDescription } from "./tool.ts";

/** The tools of a running API, called with an agent's token. */
export interface RemoteTools {
  list(): Promise<ToolDescription[]>;
  call(name: string, input: unknown, signal?: AbortSignal): Promise<object>;
}

interface RemoteOptions {
  /** `http://localhost:8000` */
  apiUrl: string;
  /** An agent's token: `cs_…` */
  token: string;
  /** Aborts all requests. */
  signal: AbortSignal;
}

const LIST_TIMEOUT_MS = 10_000;
/** Longer than the longest wait_seconds of a tool. */
const CALL_TIMEOUT_MS = 60_000;

const isObject = (value: unknown) => typeof value === "object" && value !== null;

const envelope = z.discriminatedUnion("success", [
  z.object({ success: z.literal(true), data: z.unknown() }),
  z.object({
    success: z.literal(false),
    error: z.looseObject({
      code: z.string(),
      message: z.string(),
      fields: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
      hint: z.string().nullish(),
      retryable: z.boolean().default(false),
    }),
  }),
]);

const toolList = z.array(z.custom<ToolDescription>(isObject));
const toolData = z.custom<object>(isObject);

export function remoteTools(options: RemoteOptions): RemoteTools {
  return {
    list: async () => answerOf(options, toolList, await ask(options, "/api/tools")),
    call: async (name, input, signal) => {
      const path = `/api/tools/${encodeURIComponent(name)}`;
      return answerOf(options, toolData, await ask(options, path, { input, signal }));
    },
  };
}

async function ask(
  { apiUrl, token, signal }: RemoteOptions,
  path: string,
  call?: { input: unknown; signal: AbortSignal | undefined },
): Promise<Response> {
  const signals = [signal, AbortSignal.timeout(call ? CALL_TIMEOUT_MS : LIST_TIMEOUT_MS)];
  if (call?.signal) signals.push(call.signal);
  try {
    return await fetch(new URL(path, apiUrl), {
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(call && { method: "POST", body: JSON.stringify(call.input) }),
      signal: AbortSignal.any(signals),
    });
  } catch {
    throw unreachable(apiUrl);
  }
}

async function answerOf<Schema extends z.ZodType>(
  { apiUrl }: RemoteOptions,
  schema: Schema,
  response: Response,
): Promise<z.output<Schema>> {
  if (response.status === 401) throw badToken(apiUrl);
  const answer = envelope.safeParse(await response.json().catch(() => null));
  if (!answer.success) throw notCountersign(apiUrl, response.status);
  if (!answer.data.success) throw refusal(answer.data.error);
  const { data, success } = schema.safeParse(answer.data.data);
  if (!success) throw notCountersign(apiUrl, response.status);
  return data;
}

type Refusal = Extract<z.output<typeof envelope>, { success: false }>["error"];

const refusal = ({ code, message, fields, hint, retryable, ...extra }: Refusal) =>
  // The API is ours and sends our codes.
  new CrmError(code as ErrorCode, message, { fields, retryable, extra, ...(hint && { hint }) });

const unreachable = (apiUrl: string) =>
  new CrmError("unavailable", `Countersign's API at ${apiUrl} did not answer.`, {
    hint: "Start it with `countersign start`, or set CRM_API_URL (--api-url) to its address. If a change was in progress, check whether it happened before you repeat it.",
    retryable: true,
  });

const badToken = (apiUrl: string) =>
  new CrmError("unauthenticated", `Countersign's API at ${apiUrl} does not accept this token.`, {
    hint: "Set CRM_API_TOKEN (--token) to an agent's token; `countersign token create --name NAME` makes one.",
  });

const notCountersign = (apiUrl: string, status: number) =>
  new CrmError(
    "unavailable",
    `${apiUrl} answered HTTP ${status}, but the response is not from Countersign's API.`,
    {
      hint: "Set CRM_API_URL (--api-url) to Countersign's address. A proxy in between may also cause this.",
      retryable: status >= 500,
    },
  );
