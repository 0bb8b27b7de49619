import { rows } from "../../src/database/sql.ts";
import { Message } from "../../src/entities/message.ts";
import { makeNotifier } from "../../src/queue/notify.ts";
import { makeEmail } from "../../src/workers/channels/email.ts";
import type { RetryPolicy } from "../../src/workers/deliveries.ts";
import { makeDeliveryRelay } from "../../src/workers/delivery-relay.ts";
import { makeDeliveryWorker } from "../../src/workers/delivery-worker.ts";
import type { TestBackend } from "../support/backends.ts";
import { testDatabase } from "../support/database.ts";
import { testRegistry } from "../support/probe-actions.ts";
import { eventually } from "../support/eventually.ts";
import { aContact, theSettings } from "../support/factories.ts";
import { agent, makePipeline } from "../support/pipeline.ts";
import { startMailServer } from "../support/smtp.ts";

export const RETRY_POLICY: RetryPolicy = {
  attempts: 4,
  firstBackoffMs: 50,
  maxBackoffMs: 200,
  attemptMs: 3_000,
  graceMs: 0,
};

export type Outbox = Awaited<ReturnType<typeof anOutbox>>;

/** Delivery worker and relay with their own database and mail server; webhooks are sent too. */
export async function anOutbox(backend: TestBackend) {
  const [test, smtp] = await Promise.all([testDatabase(), startMailServer()]);
  await theSettings(test.db);
  const queues = await backend.connect(test.url);
  const ignore = () => undefined; // The tests check the state of each message.
  const notifier = makeNotifier(test.db, ignore);
  const parts = { db: test.db, registry: testRegistry, queues, notifier, retryPolicy: RETRY_POLICY };
  const relay = makeDeliveryRelay(parts, ignore);
  const email = makeEmail({ url: smtp.url, from: "Clear View <office@clear.example>" });
  makeDeliveryWorker({
    ...parts,
    channels: { email },
    publicUrl: () => "https://crm.example",
    concurrency: 4,
  });
  const pipeline = makePipeline(test.db, testRegistry, { channels: new Set(["email", "sms"]) });
  const message = (id: string) => test.db.getRepository(Message).findOneByOrFail({ id });
  let customers = 0;
  return {
    ...{ test, smtp, queues, notifier, relay, pipeline, message },
    /** Runs a job that writes to a new customer. */
    async write(data: object = {}): Promise<{ id: string; messageId: string }> {
      // Unique addresses, because an opt-out holds for the address.
      const { id: customer_id } = await aContact(test.db, { emails: [`maria${++customers}@example.com`] });
      const job = await pipeline.ask(agent, "message.send", { customer_id, body: "We come at 9.", ...data });
      const { id } = job.result as Message;
      const [delivery] = await rows<{ id: string }>(
        test.db.manager,
        "SELECT id FROM delivery WHERE payload->>'message_id' = $1",
        [id],
      );
      return { id, messageId: `<${delivery?.id}@clear.example>` };
    },
    /** Sweeps until the message matches. */
    becomes: (id: string, expected: Partial<Record<keyof Message, unknown>>) =>
      eventually(async () => {
        await relay.sweep();
        expect(await message(id)).toMatchObject(expected);
      }),
    async close(): Promise<void> {
      await relay.close();
      await queues.close();
      await notifier.close();
      await smtp.stop();
      await test.drop();
    },
  };
}
