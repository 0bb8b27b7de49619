import { markMessage } from "../../../src/domain/message/mark.ts";
import { Message, MESSAGE_STATUSES, type MessageStatus } from "../../../src/entities/message.ts";
import { act, MONDAY_9 } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aMessage } from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

type Mark = "sending" | "sent" | "failed" | "queued";
const MARKS: Mark[] = ["sending", "sent", "failed", "queued"];

/** The marks that each status allows. Written out here, independently of NEXT_STATUSES. */
const ALLOWED: Record<MessageStatus, Mark[]> = {
  queued: ["sending"],
  sending: ["sent", "failed", "queued"],
  sent: [],
  failed: [],
  cancelled: [],
  suppressed: [],
  not_sent: [],
  received: [],
};

const cases = MESSAGE_STATUSES.flatMap((from) =>
  MARKS.map((mark) => ({ from, mark, allowed: ALLOWED[from].includes(mark) })),
);
const report = { error: "Mailbox full", provider_id: "provider_1" };
const mark = (id: string, status: Mark) => act(test.db, markMessage, { id, status, ...report });
const stored = (id: string) => test.db.getRepository(Message).findOneByOrFail({ id });

describe("message.mark", () => {
  it.each(cases.filter(({ allowed }) => allowed))(
    "changes a message from $from to $mark",
    async ({ from, mark: status }) => {
      const { id } = await aMessage(test.db, { status: from });
      expect(await mark(id, status)).toEqual({ id, status });
      expect(await stored(id)).toMatchObject({
        status,
        ...report,
        sent_at: status === "sent" ? MONDAY_9 : null,
        version: 2,
      });
    },
  );

  it.each(cases.filter(({ allowed }) => !allowed))(
    "leaves a message that is $from unchanged when it is marked $mark",
    async ({ from, mark: status }) => {
      const message = await aMessage(test.db, { status: from });
      expect(await mark(message.id, status)).toEqual({ id: message.id, status: from });
      expect(await stored(message.id)).toEqual(message);
    },
  );

  it("suppresses a queued message instead of sending it when the customer has opted out since", async () => {
    const { id: customer_id } = await aContact(test.db, { do_not_contact: true });
    const { id } = await aMessage(test.db, { customer_id });
    expect(await mark(id, "sending")).toEqual({ id, status: "suppressed" });
    expect(await stored(id)).toMatchObject({
      status: "suppressed",
      error: "They asked not to be contacted.",
      provider_id: null,
    });
  });
});
