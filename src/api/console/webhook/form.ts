import type { z } from "zod";
import { webhookInput } from "../../../crm/webhook-endpoint.ts";
import { parse } from "../../../domain/core/input.ts";

/** The webhook's form as input of the API; an empty secret leaves the current one in use. */
export function readWebhook(fields: Record<string, string>): z.output<typeof webhookInput> {
  const { url, secret, allow_private } = fields;
  const given = { url, allow_private: allow_private !== undefined, ...(secret && { secret }) };
  return parse(webhookInput, given);
}
