import { rows } from "../../src/database/sql.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import { Message } from "../../src/entities/message.ts";
import { anyBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { startMailServer, type TestMailServer } from "../support/smtp.ts";

const MAILS = 8;

anyBackend("mail during outages of the mail server and the worker", (backend) => {
  let smtp: TestMailServer;
  let app: TestApp;
  beforeAll(async () => {
    smtp = await startMailServer();
    const env = { SMTP_URL: smtp.url, MAIL_FROM: "office@clear.example" };
    app = await startApp(backend, { services: ["api,mcp", "worker"], env });
  });
  afterAll(async () => {
    await app.stop();
    await smtp.stop();
  });

  async function write(): Promise<string[]> {
    const maria = { name: "Maria", emails: ["maria@example.com"], allow_duplicate: true };
    const { result } = await app.act("contact", "create", maria);
    const { id: customer_id } = result as { id: string }; // A record.
    const data = { customer_id, subject: "Monday", body: "We come at 9." };
    const jobs: JobView[] = await Promise.all(
      Array.from({ length: MAILS }, () => app.act("message", "send", data)),
    );
    return jobs.map((job) => (job.result as Message).id);
  }
  const statuses = async (ids: string[]): Promise<string[]> =>
    (await app.db.getRepository(Message).findBy(ids.map((id) => ({ id })))).map(({ status }) => status);
  /** Simulates an hour: every waiting delivery is due, every lease has expired. */
  const anHourLater = () =>
    rows(app.db.manager, "UPDATE delivery SET next_attempt_at = now() WHERE status IN ('queued', 'sending')");
  /** Without the mails to owners, which the product sends by itself. */
  const copies = () => [...smtp.acceptedCounts("maria@example.com").values()];

  it("is sent once each after an hour without a mail server", async () => {
    await smtp.stop();
    const ids = await write();
    await eventually(async () => {
      const tried = await rows(
        app.db.manager,
        "SELECT FROM delivery WHERE status = 'queued' AND attempts > 0",
      );
      expect(tried).toHaveLength(MAILS);
    });
    await smtp.restart();
    await anHourLater();
    await eventually(async () => expect(await statuses(ids)).toEqual(Array(MAILS).fill("sent")));
    expect(copies()).toEqual(Array(MAILS).fill(1));
  });

  it("is not sent twice when the worker is killed while sending; the unfinished ones fail with a reason", async () => {
    smtp.behavior = "silent";
    const before = copies().length;
    const ids = await write();
    await eventually(() => expect(copies().length).toBeGreaterThan(before));
    const [, worker] = app.processes;
    await worker?.end("SIGKILL");
    smtp.behavior = "accept";
    const unfinished = (await statuses(ids)).filter((status) => status === "sending").length;
    expect(unfinished).toBeGreaterThan(0);

    await anHourLater();
    await app.spawn("worker");
    await eventually(async () => {
      const ended = await statuses(ids);
      expect(ended.filter((status) => status === "failed")).toHaveLength(unfinished);
      expect(ended.filter((status) => status === "sent")).toHaveLength(MAILS - unfinished);
    });
    expect(copies().filter((count) => count > 1)).toEqual([]);
    const failed = await app.db.getRepository(Message).findBy({ status: "failed" });
    expect(failed.every(({ error }) => error?.includes("may have arrived"))).toBe(true);
  });
});
