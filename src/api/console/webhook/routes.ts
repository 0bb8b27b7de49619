import { CrmError } from "../../../domain/core/errors.ts";
import type { Call } from "../../route.ts";
import { definePage, form, frameOf, type PageParts, view } from "../page.ts";
import { readWebhook } from "./form.ts";
import { renderWebhook } from "./page.tsx";

/** Linked from the messages. */
export const webhookPage = definePage({
  path: "/settings/webhook",
  for: "owner",
  routes: (parts) => [
    view({
      path: "/settings/webhook",
      summary: "The webhook and its latest deliveries",
      handler: (call) => showWebhook(parts, call),
    }),
    form({
      path: "/settings/webhook",
      summary: "Set or remove the webhook",
      handler: (call) => setWebhook(parts, call),
    }),
  ],
});

async function showWebhook(parts: PageParts, { principal, response }: Call): Promise<string> {
  const [webhook, frame] = await Promise.all([parts.webhook.read(principal), frameOf(parts, response)]);
  return renderWebhook({ ...frame, webhook });
}

async function setWebhook(
  parts: PageParts,
  { principal, body, response }: Call<undefined, Record<string, string>>,
): Promise<string | void> {
  try {
    if (body["remove"] !== undefined) await parts.webhook.remove(principal);
    else await parts.webhook.set(principal, readWebhook(body));
  } catch (error) {
    if (!(error instanceof CrmError) || error.code !== "validation_failed") throw error;
    const [webhook, frame] = await Promise.all([parts.webhook.read(principal), frameOf(parts, response)]);
    response.status(400);
    return renderWebhook({ ...frame, webhook, refused: error, url: body["url"] ?? "" });
  }
  response.redirect(303, "/settings/webhook");
}
