import { rows } from "../../src/entities/database.ts";
import { Message } from "../../src/entities/message.ts";
import { makeBell } from "../../src/workers/bell.ts";
import { makeEmail } from "../../src/workers/channels/email.ts";
import type { Patience } from "../../src/workers/deliveries.ts";
import { makeDeliveryRelay } from "../../src/workers/delivery-relay.ts";
import { makeDeliveryWorker } from "../../src/workers/delivery-worker.ts";
import type { TestBackend } from "../support/backends.ts";
import { testDatabase } from "../support/database.ts";
import { testRegistry } from "../support/errands.ts";
import { eventually } from "../support/eventually.ts";
import { aContact, theSettings } from "../support/factories.ts";
import { agent, makePipeline } from "../support/pipeline.ts";
import { aMailEdge } from "../support/smtp.ts";

export const PATIENCE: Patience = { attempts: 4, firstMs: 50, longestMs: 200, tryMs: 3_000, graceMs: 0 };

export type Outbox = Awaited<ReturnType<typeof anOutbox>>;

/** What jobs leave for the outside world goes out from here: by mail to a server of its own, and to webhooks. */
export async function anOutbox(backend: TestBackend) {
  const [test, smtp] = await Promise.all([testDatabase(), aMailEdge()]);
  await theSettings(test.db);
  const queues = await backend.connect(test.url);
  const trouble = () => undefined; // The tests look at what became of each message.
  const bell = makeBell(test.db, trouble);
  const parts = { db: test.db, registry: testRegistry, queues, bell, patience: PATIENCE };
  const relay = makeDeliveryRelay(parts, trouble);
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
    ...{ test, smtp, queues, bell, relay, pipeline, message },
    /** Lets a job write to a customer. */
    async write(data: object = {}): Promise<{ id: string; messageId: string }> {
      // Each their own address: who asked not to be written to is held back wherever that address stands.
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
    /** Sweeps until the message has come to a state. */
    becomes: (id: string, expected: Partial<Record<keyof Message, unknown>>) =>
      eventually(async () => {
        await relay.sweep();
        expect(await message(id)).toMatchObject(expected);
      }),
    async close(): Promise<void> {
      await relay.close();
      await queues.close();
      await bell.close();
      await smtp.down();
      await test.drop();
    },
  };
}
