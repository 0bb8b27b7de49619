import { createAgentToken } from "../../src/identity/tokens.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import { Contact } from "../../src/entities/contact.ts";
import { anyBackend } from "../support/backends.ts";
import { aContact, aTicket, withJob } from "../support/factories.ts";
import { elevenMinutesLater } from "../support/flush-queue.ts";
import { startApp, type TestApp, type Session } from "../support/app.ts";

const MOST = 5;

/** A timeout for a busy machine; ms. */
const SLOWEST = 180_000;
const reasoning = "Tidying up.";

anyBackend("records that agents remove within ten minutes", (backend) => {
  let app: TestApp;
  let owner: Session;
  beforeAll(async () => {
    app = await startApp(backend);
    owner = await app.owner();
  });
  afterAll(() => app.stop());
  beforeEach(() => elevenMinutesLater(app));

  const strangers = (count: number) =>
    withJob(app.db, async (manager) => {
      const made: string[] = [];
      for (let index = 0; index < count; index++) made.push((await aContact(manager)).id);
      return made;
    });
  const aCustomer = async () => (await aTicket(app.db, { status: "completed" })).customer_id;
  /** Polls until the job has ended or waits for a person. */
  const act = async (action: string, data: object, token = app.token): Promise<JobView> => {
    const headers = { authorization: `Bearer ${token}`, prefer: "wait=25" };
    const body = { domain: "contact", action, data, reasoning };
    let job = (await app.agent("POST", "/api/actions", body, headers)).body.data;
    while (job.status === "queued" || job.status === "running")
      job = (await app.agent("GET", `/api/jobs/${job.job_id}?wait=25`, undefined, headers)).body.data;
    return job;
  };
  const remove = (id: string) => act("delete", { id });
  const removeAll = async (ids: string[]) => {
    for (const id of ids) expect(await remove(id)).toMatchObject({ status: "completed" });
  };
  const removeAs = (token: string, id: string) => act("delete", { id }, token);
  const finished = async ({ job_id }: JobView) =>
    (await app.agent("GET", `/api/jobs/${job_id}?wait=20`)).body.data;
  const PARKED = { status: "authorization_required", reason: expect.stringContaining("within 10 minutes") };

  it(
    "are limited to five of 200 concurrent deletes by four tokens: the others wait for a person",
    async () => {
      const made = ["One", "Two", "Three"].map((name) => createAgentToken(app.db, name));
      const tokens = [app.token, ...(await Promise.all(made)).map(({ token }) => token)];
      const ids = await strangers(200);
      const answers = await Promise.all(ids.map((id, at) => removeAs(tokens[at % 4] ?? "", id)));

      const done = answers.filter(({ status }) => status === "completed");
      const parked = answers.filter(({ status }) => status === "authorization_required");
      expect([done.length, parked.length]).toEqual([MOST, ids.length - MOST]);
      expect(parked).toEqual(parked.map(() => expect.objectContaining(PARKED)));
      expect(
        await app.db.manager.countBy(
          Contact,
          ids.map((id) => ({ id })),
        ),
      ).toBe(ids.length - MOST);
    },
    SLOWEST,
  );

  it(
    "are limited to one of 40 concurrent requests for five records each",
    async () => {
      const ids = await strangers(200);
      const five = (_: unknown, at: number) => ids.slice(at * MOST, (at + 1) * MOST);
      const answers = await Promise.all(
        Array.from({ length: ids.length / MOST }, five).map((some) => act("bulk_delete", { ids: some })),
      );
      const parked = answers.filter(({ status }) => status !== "completed");
      expect(parked).toEqual(
        Array.from({ length: ids.length / MOST - 1 }, () => expect.objectContaining(PARKED)),
      );
      expect(
        await app.db.manager.countBy(
          Contact,
          ids.map((id) => ({ id })),
        ),
      ).toBe(ids.length - MOST);
    },
    SLOWEST,
  );

  it("add up across actions, and expire after ten minutes", async () => {
    const visits = [await aTicket(app.db), await aTicket(app.db)];
    for (const { id } of visits)
      expect(await app.act("ticket", "cancel", { id }, { reasoning })).toMatchObject({
        status: "completed",
      });
    const [sixth = "", seventh = "", ...first] = await strangers(MOST);
    await removeAll(first);
    expect(await remove(sixth)).toMatchObject(PARKED);
    const last = await aTicket(app.db);
    expect(await app.act("ticket", "cancel", { id: last.id }, { reasoning })).toMatchObject(PARKED);
    await elevenMinutesLater(app);
    expect(await remove(seventh)).toMatchObject({ status: "completed" });
  });

  it("do not count in dry runs, parked jobs and approved jobs", async () => {
    const [fifth = "", sixth = "", ...first] = await strangers(MOST + 1);
    await removeAll(first);
    const preview = await app.act("contact", "delete", { id: fifth }, { dry_run: true });
    expect(preview).toMatchObject({ status: "completed", result: { permission: "unrestricted" } });

    const parked = await remove(await aCustomer());
    expect(parked).toMatchObject({ status: "authorization_required" });
    await owner.decide(parked.queue_id ?? "", { decision: "authorized" });
    expect(await finished(parked)).toMatchObject({ status: "completed" });

    expect(await remove(fifth)).toMatchObject({ status: "completed" });
    const beyond = await remove(sixth);
    expect(beyond).toMatchObject(PARKED);
    await owner.decide(beyond.queue_id ?? "", { decision: "authorized" });
    expect(await finished(beyond)).toMatchObject({ status: "completed" });
  });

  it("count when a rule allowed them, and the rule does not raise the limit", async () => {
    const parked = await remove(await aCustomer());
    await owner.decide(parked.queue_id ?? "", { decision: "authorized", upgrade_permission: true });
    expect(await finished(parked)).toMatchObject({ status: "completed" });
    // Each takes a visit along, which counts for the next one: 0, 2 and 4 before, and the customer itself.
    for (let uses = 0; uses < 3; uses++)
      expect(await remove(await aCustomer())).toMatchObject({ status: "completed" });

    const [stranger = ""] = await strangers(1);
    expect(await remove(stranger)).toMatchObject(PARKED);
    expect(await remove(await aCustomer())).toMatchObject({
      ...PARKED,
      reason: expect.stringMatching(/^Customer has 1 ticket.*; 7 records removed/),
    });
  });

  it("are not counted after an undo", async () => {
    const [sixth = "", seventh = "", ...first] = await strangers(MOST + 2);
    const jobs: JobView[] = [];
    for (const id of first) jobs.push(await remove(id));
    expect(await remove(sixth)).toMatchObject(PARKED);
    const undone = await app.agent(
      "POST",
      `/api/jobs/${jobs[0]?.job_id}/undo`,
      { reasoning },
      { prefer: "wait=25" },
    );
    expect(await finished(undone.body.data)).toMatchObject({ status: "completed" });
    expect(await remove(seventh)).toMatchObject({ status: "completed" });
  });

  it("are no longer limited after Allow Always on the window, for that agent only", async () => {
    const [sixth = "", seventh = "", others = "", ...first] = await strangers(MOST + 3);
    await removeAll(first);
    const parked = await remove(sixth);
    await owner.decide(parked.queue_id ?? "", { decision: "authorized", upgrade_permission: true });
    expect(await finished(parked)).toMatchObject({ status: "completed" });
    expect(await remove(seventh)).toMatchObject({ status: "completed" });
    const { token } = await createAgentToken(app.db, "Another");
    expect(await removeAs(token, others)).toMatchObject(PARKED);
  });
});
