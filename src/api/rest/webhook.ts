import { type WebhookDesk, webhookInput, type WebhookView } from "../../crm/webhook-endpoint.ts";
import { defineRoute, type Route } from "../route.ts";
import { inline } from "../schema.ts";

const answer = inline<WebhookView>({
  type: "object",
  properties: {
    url: { type: ["string", "null"] },
    allow_private: { type: "boolean" },
    updated_at: { type: ["string", "null"] },
    deliveries: { type: "array", items: { type: "object" } },
  },
  required: ["url", "allow_private", "updated_at", "deliveries"],
});

/** The URL that receives notices of finished jobs and authorizations. */
export const webhookRoutes = ({ webhook }: { webhook: WebhookDesk }): Route[] => [
  defineRoute({
    method: "get",
    path: "/api/webhook",
    id: "read_webhook",
    summary: "Read the webhook and its latest deliveries",
    for: "owner",
    answer,
    handler: ({ principal }) => webhook.read(principal),
  }),
  defineRoute({
    method: "put",
    path: "/api/webhook",
    id: "set_webhook",
    summary: "Set the URL that receives finished jobs and authorizations",
    description:
      "A signed POST as in Standard Webhooks, retried until it is accepted. Only for the owner's session.",
    for: "owner",
    body: webhookInput,
    answer,
    handler: ({ principal, body }) => webhook.set(principal, body),
  }),
  defineRoute({
    method: "delete",
    path: "/api/webhook",
    id: "remove_webhook",
    summary: "Remove the webhook",
    for: "owner",
    answer,
    handler: ({ principal }) => webhook.remove(principal),
  }),
];
