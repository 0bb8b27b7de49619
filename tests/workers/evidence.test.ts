import { rows } from "../../src/database/sql.ts";
import { HeadMail } from "../../src/entities/head-mail.ts";
import { User } from "../../src/entities/user.ts";
import { makeEmail } from "../../src/workers/channels/email.ts";
import { mailHead } from "../../src/workers/evidence.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { asAttacker, sealAll } from "../support/evidence.ts";
import { aContact } from "../support/factories.ts";
import { testRegistry } from "../support/probe-actions.ts";
import { startMailServer, type TestMailServer } from "../support/smtp.ts";

describe("the weekly mail with the head", () => {
  let test: TestDatabase;
  let server: TestMailServer;
  beforeAll(async () => void (test = await testDatabase()));
  afterAll(() => test.drop());
  beforeEach(async () => {
    await test.clear();
    server = await startMailServer();
    await test.db.getRepository(User).insert([
      { id: "user_olga", email: "olga@example.com", name: "Olga", role: "owner" },
      { id: "user_gone", email: "gone@example.com", name: "Gone", role: "owner", active: false },
      { id: "user_otto", email: "otto@example.com", name: "Otto", role: "office" },
    ]);
  });
  afterEach(async () => {
    await server.stop();
  });

  const run = () =>
    mailHead.run({
      ...{ db: test.db, registry: testRegistry, clock: { now: () => new Date() } },
      email: makeEmail({ url: server.url, from: "Clear View <office@example.com>" }),
    });
  const head = async () => {
    const [newest] = await rows<{ hash: string }>(
      test.db.manager,
      "SELECT encode(hash, 'hex') AS hash FROM seal ORDER BY id DESC LIMIT 1",
    );
    return newest?.hash ?? "";
  };
  const sealed = async () => {
    await aContact(test.db);
    await sealAll(test);
  };

  it("goes to every active owner once in seven days, with the command that compares it", async () => {
    await sealed();
    await run();
    await run();
    expect(server.received).toHaveLength(1);
    const [mail] = server.received;
    expect(mail?.to).toMatchObject({ value: [{ address: "olga@example.com" }] });
    expect(mail?.text).toContain(`countersign verify --head ${await head()}`);
    await sealed();
    await asAttacker(test, "UPDATE head_mail SET sent_at = sent_at - interval '7 days'");
    await run();
    expect(server.received).toHaveLength(2);
    expect(server.received[1]?.text).toContain(await head());
  });

  it("is tried again with the next run when the server refuses it", async () => {
    await sealed();
    server.behavior = { rcpt: 450 };
    await expect(run()).rejects.toThrow("refused");
    expect(await test.db.getRepository(HeadMail).count()).toBe(0);
    server.behavior = "accept";
    await run();
    expect(server.received).toHaveLength(1);
  });

  it("is not sent while nothing is sealed, or without a mail server", async () => {
    await run();
    await sealed();
    await mailHead.run({ db: test.db, registry: testRegistry, clock: { now: () => new Date() } });
    expect(server.connections).toBe(0);
  });
});
