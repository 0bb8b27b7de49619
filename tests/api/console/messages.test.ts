import { renderMessages } from "../../../src/api/console/messages/page.tsx";
import { aFrame } from "./views.ts";

const message = {
  ...{ id: "message_1", direction: "outbound", channel: "email", status: "sent", to: "maria@example.com" },
  ...{ subject: "Your appointment", body: "See you.", error: null, scheduled_for: null },
  ...{ created_at: new Date("2026-11-23T15:00:00Z"), customer: { name: "Maria Garcia" } },
};

const page = (attachments: object[]): string =>
  renderMessages({
    ...aFrame(0),
    ...{ status: undefined, selection: {} },
    list: { items: [{ ...message, attachments }], next_cursor: null, total: 1 } as never, // The fields that it shows.
  });

describe("the page of messages", () => {
  it("names what is attached", () => {
    expect(page([{ kind: "visit_calendar", name: "visit.ics" }])).toMatch(
      /Attachment: <bdi[^>]*>visit\.ics</,
    );
    expect(page([])).not.toContain("Attachment");
  });
});
