import { createAgentToken } from "../../src/api/accounts.ts";
import type { JobView } from "../../src/domain/core/ports.ts";
import { Contact } from "../../src/entities/contact.ts";
import { eachBackend } from "../support/backends.ts";
import { aContact, aTicket, withJob } from "../support/factories.ts";
import { elevenMinutesLater } from "../support/flush.ts";
import { aHouse, type House, type Session } from "../support/house.ts";

const MOST = 5;
/** For a machine that has much else to do; ms. */
const SLOWEST = 180_000;
const reasoning = "Tidying up.";

eachBackend("records that agents take away within ten minutes", (backend) => {
  let house: House;
  let owner: Session;
  beforeAll(async () => {
    house = await aHouse(backend);
    owner = await house.owner();
  });
  afterAll(() => house.stop());
  beforeEach(() => elevenMinutesLater(house));

  const strangers = (count: number) =>
    withJob(house.db, async (manager) => {
      const made: string[] = [];
      for (let index = 0; index < count; index++) made.push((await aContact(manager)).id);
      return made;
    });
  const aCustomer = async () => (await aTicket(house.db, { status: "completed" })).customer_id;
  /** Asks on while a slow machine has not come to it: it ends or waits for a person. */
  const act = async (action: string, data: object, token = house.token): Promise<JobView> => {
    const headers = { authorization: `Bearer ${token}`, prefer: "wait=25" };
    const body = { domain: "contact", action, data, reasoning };
    let job = (await house.agent("POST", "/api/actions", body, headers)).body.data;
    while (job.status === "queued" || job.status === "running")
      job = (await house.agent("GET", `/api/jobs/${job.job_id}?wait=25`, undefined, headers)).body.data;
    return job;
  };
  const remove = (id: string) => act("delete", { id });
  const removeAll = async (ids: string[]) => {
    for (const id of ids) expect(await remove(id)).toMatchObject({ status: "completed" });
  };
  const removeAs = (token: string, id: string) => act("delete", { id }, token);
  const finished = async ({ job_id }: JobView) =>
    (await house.agent("GET", `/api/jobs/${job_id}?wait=20`)).body.data;
  const PARKED = { status: "authorization_required", reason: expect.stringContaining("within 10 minutes") };

  it(
    "are five at most, by 200 single deletes of four tokens at once: the rest wait for a person",
    async () => {
      const made = ["One", "Two", "Three"].map((name) => createAgentToken(house.db, name));
      const tokens = [house.token, ...(await Promise.all(made)).map(({ token }) => token)];
      const ids = await strangers(200);
      const answers = await Promise.all(ids.map((id, at) => removeAs(tokens[at % 4] ?? "", id)));

      const done = answers.filter(({ status }) => status === "completed");
      const parked = answers.filter(({ status }) => status === "authorization_required");
      expect([done.length, parked.length]).toEqual([MOST, ids.length - MOST]);
      expect(parked).toEqual(parked.map(() => expect.objectContaining(PARKED)));
      expect(
        await house.db.manager.countBy(
          Contact,
          ids.map((id) => ({ id })),
        ),
      ).toBe(ids.length - MOST);
    },
    SLOWEST,
  );

  it(
    "are five at most by 40 requests for five each, too: one runs",
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
        await house.db.manager.countBy(
          Contact,
          ids.map((id) => ({ id })),
        ),
      ).toBe(ids.length - MOST);
    },
    SLOWEST,
  );

  it("count what different actions take, and make room when ten minutes are over", async () => {
    const visits = [await aTicket(house.db), await aTicket(house.db)];
    for (const { id } of visits)
      expect(await house.act("ticket", "cancel", { id }, { reasoning })).toMatchObject({
        status: "completed",
      });
    const [sixth = "", seventh = "", ...first] = await strangers(MOST);
    await removeAll(first);
    expect(await remove(sixth)).toMatchObject(PARKED);
    const last = await aTicket(house.db);
    expect(await house.act("ticket", "cancel", { id: last.id }, { reasoning })).toMatchObject(PARKED);
    await elevenMinutesLater(house);
    expect(await remove(seventh)).toMatchObject({ status: "completed" });
  });

  it("do not count what was only looked at, parked or approved by a person", async () => {
    const [fifth = "", sixth = "", ...first] = await strangers(MOST + 1);
    await removeAll(first);
    const preview = await house.act("contact", "delete", { id: fifth }, { dry_run: true });
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

  it("count what a rule allowed, and the rule does not open the window", async () => {
    const parked = await remove(await aCustomer());
    await owner.decide(parked.queue_id ?? "", { decision: "authorized", upgrade_permission: true });
    expect(await finished(parked)).toMatchObject({ status: "completed" });
    for (let uses = 0; uses < MOST; uses++)
      expect(await remove(await aCustomer())).toMatchObject({ status: "completed" });

    const [stranger = ""] = await strangers(1);
    expect(await remove(stranger)).toMatchObject(PARKED);
    expect(await remove(await aCustomer())).toMatchObject({
      ...PARKED,
      reason: expect.stringMatching(/^Customer has 1 ticket.*; 6 records taken away/),
    });
  });

  it("open again by Allow Always on the window itself, for that agent alone", async () => {
    const [sixth = "", seventh = "", others = "", ...first] = await strangers(MOST + 3);
    await removeAll(first);
    const parked = await remove(sixth);
    await owner.decide(parked.queue_id ?? "", { decision: "authorized", upgrade_permission: true });
    expect(await finished(parked)).toMatchObject({ status: "completed" });
    expect(await remove(seventh)).toMatchObject({ status: "completed" });
    const { token } = await createAgentToken(house.db, "Another");
    expect(await removeAs(token, others)).toMatchObject(PARKED);
  });
});
