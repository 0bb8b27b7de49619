import type { Request, Response } from "express";
import { CrmError, forbidden } from "../../domain/core/errors.ts";
import { parse } from "../../domain/core/input.ts";
import type { Item, QueryAnswer } from "../../domain/core/query.ts";
import { webhookInput } from "../../domain/webhook/endpoint.ts";
import { MESSAGE_STATUSES } from "../../entities/message.ts";
import type { MessageLine } from "./messages.tsx";
import { renderMessages } from "./messages.tsx";
import { frameOf, type PageParts, sessionOf, textFields } from "./parts.ts";
import type { Selection } from "./lists.tsx";
import { renderWebhook } from "./webhook.tsx";

const PAGE = 20;

/** What goes out and came in; `selection` is what the URL says, checked. */
export async function showMessages(
  parts: PageParts,
  response: Response,
  selection: Selection,
): Promise<void> {
  const { status: asked, cursor } = selection;
  const status = MESSAGE_STATUSES.find((each) => each === asked);
  const [answer, frame] = await Promise.all([
    parts.crm.query(sessionOf(response).principal, {
      type: "messages",
      include: ["customer"],
      limit: PAGE,
      ...(status && { filters: { status } }),
      ...(cursor && { cursor }),
    }),
    frameOf(parts, response),
  ]);
  response.send(renderMessages({ ...frame, list: listIn(answer), status, selection }));
}

/** The query's page: it asked for a list, and for these columns. */
function listIn(answer: QueryAnswer) {
  if (!("items" in answer)) throw new Error("a query without an id answers a list");
  return { ...answer, items: answer.items as (Item & MessageLine)[] };
}

export async function showWebhook(parts: PageParts, response: Response): Promise<void> {
  const [webhook, frame] = await Promise.all([
    parts.webhook.read(sessionOf(response).principal),
    frameOf(parts, response),
  ]);
  response.send(renderWebhook({ ...frame, webhook }));
}

export async function setWebhook(parts: PageParts, request: Request, response: Response): Promise<void> {
  const { principal } = sessionOf(response);
  if (principal.kind !== "owner") throw forbidden("Only the owner sets the webhook.", "Ask the owner.");
  const { url, secret, allow_private, remove } = textFields(request.body) as Record<string, string>; // Only texts.
  try {
    if (remove !== undefined) await parts.webhook.remove(principal);
    else {
      const given = { url, allow_private: allow_private !== undefined, ...(secret && { secret }) };
      await parts.webhook.set(principal, parse(webhookInput, given));
    }
  } catch (error) {
    if (!(error instanceof CrmError) || error.code !== "validation_failed") throw error;
    const [webhook, frame] = await Promise.all([parts.webhook.read(principal), frameOf(parts, response)]);
    response.status(400).send(renderWebhook({ ...frame, webhook, refused: error, url: url ?? "" }));
    return;
  }
  response.redirect(303, "/settings/webhook");
}
