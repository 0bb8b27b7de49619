import { contacts } from "../../../domain/contact/type.ts";
import { messages } from "../../../domain/message/type.ts";
import { listOf } from "../../../domain/query/typed-list.ts";
import { MESSAGE_STATUSES } from "../../../entities/message.ts";
import type { Call } from "../../route.ts";
import { definePage, frameOf, PAGE_SIZE, type PageParts, selectionIn, view } from "../page.ts";
import { renderMessages } from "./page.tsx";

export const messagesPage = definePage({
  path: "/messages",
  navigation: "Messages",
  for: "people",
  routes: (parts) => [
    view({
      path: "/messages",
      summary: "Sent and received messages",
      handler: (call) => showMessages(parts, call),
    }),
  ],
});

async function showMessages(parts: PageParts, call: Call<undefined, undefined>): Promise<string> {
  const selection = selectionIn(call, MESSAGE_STATUSES);
  const { status, cursor } = selection;
  const [answer, frame] = await Promise.all([
    parts.crm.query(
      call.principal,
      {
        type: "messages",
        include: ["customer"],
        limit: PAGE_SIZE,
        ...(status && { filters: { status } }),
        ...(cursor && { cursor }),
      },
      { signal: call.signal },
    ),
    frameOf(parts, call.response),
  ]);
  const list = listOf(messages, { customer: contacts }, answer);
  return renderMessages({ ...frame, list, status, selection });
}
