import { rows } from "../../src/entities/database.ts";
import type { JobView } from "../../src/domain/core/ports.ts";
import { Message } from "../../src/entities/message.ts";
import { eachBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { aHouse, type House } from "../support/house.ts";
import { aMailEdge, type MailEdge } from "../support/smtp.ts";

const MAILS = 8;

eachBackend("mail through processes that die and a server that is away", (backend) => {
  let smtp: MailEdge;
  let house: House;
  beforeAll(async () => {
    smtp = await aMailEdge();
    const env = { SMTP_URL: smtp.url, MAIL_FROM: "office@clear.example" };
    house = await aHouse(backend, { services: ["api,mcp", "worker"], env });
  });
  afterAll(async () => {
    await house.stop();
    await smtp.down();
  });

  async function write(): Promise<string[]> {
    const maria = { name: "Maria", emails: ["maria@example.com"], allow_duplicate: true };
    const { result } = await house.act("contact", "create", maria);
    const { id: customer_id } = result as { id: string }; // A record.
    const data = { customer_id, subject: "Monday", body: "We come at 9." };
    const jobs: JobView[] = await Promise.all(
      Array.from({ length: MAILS }, () => house.act("message", "send", data)),
    );
    return jobs.map((job) => (job.result as Message).id);
  }
  const statuses = async (ids: string[]): Promise<string[]> =>
    (await house.db.getRepository(Message).findBy(ids.map((id) => ({ id })))).map(({ status }) => status);
  /** As if an hour went by: whatever waits for a time is due. */
  const anHourLater = () =>
    rows(
      house.db.manager,
      "UPDATE delivery SET next_attempt_at = now() WHERE status IN ('queued', 'sending')",
    );
  const copies = () => [...smtp.kept().values()];

  it("sends each one once after an hour without a mail server", async () => {
    await smtp.down();
    const ids = await write();
    await eventually(async () => {
      const tried = await rows(
        house.db.manager,
        "SELECT FROM delivery WHERE status = 'queued' AND attempts = 1",
      );
      expect(tried).toHaveLength(MAILS);
    });
    await smtp.up();
    await anHourLater();
    await eventually(async () => expect(await statuses(ids)).toEqual(Array(MAILS).fill("sent")));
    expect(copies()).toEqual(Array(MAILS).fill(1));
  });

  it("sends none twice where the worker was killed with mails in hand, and shows which", async () => {
    smtp.mood = "silent";
    const before = copies().length;
    const ids = await write();
    await eventually(() => expect(copies().length).toBeGreaterThan(before));
    const [, worker] = house.processes;
    await worker?.end("SIGKILL");
    smtp.mood = "accept";
    const inHand = (await statuses(ids)).filter((status) => status === "sending").length;
    expect(inHand).toBeGreaterThan(0);

    await anHourLater();
    await house.spawn("worker");
    await eventually(async () => {
      const ended = await statuses(ids);
      expect(ended.filter((status) => status === "failed")).toHaveLength(inHand);
      expect(ended.filter((status) => status === "sent")).toHaveLength(MAILS - inHand);
    });
    expect(copies().filter((count) => count > 1)).toEqual([]);
    const failed = await house.db.getRepository(Message).findBy({ status: "failed" });
    expect(failed.every(({ error }) => error?.includes("may have arrived"))).toBe(true);
  });
});
