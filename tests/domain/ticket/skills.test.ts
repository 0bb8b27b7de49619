import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { runQuery } from "../../../src/domain/query/run-query.ts";
import { addLineItem } from "../../../src/domain/ticket/add-line-item.ts";
import { assignTicket } from "../../../src/domain/ticket/assign.ts";
import { createTicket } from "../../../src/domain/ticket/create.ts";
import { reopenTicket } from "../../../src/domain/ticket/reopen.ts";
import { scheduleTicket } from "../../../src/domain/ticket/schedule.ts";
import { updateTicket } from "../../../src/domain/ticket/update.ts";
import type { Service } from "../../../src/entities/service.ts";
import { Technician } from "../../../src/entities/technician.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aService } from "../../support/definitions.ts";
import { aContact, aTechnician, aTicket, theSettings, withJob } from "../../support/factories.ts";

const window_start = "2026-11-24T10:00";
let test: TestDatabase;
let gutters: Service;
let dana: Technician;
let customer_id: string;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db);
  gutters = await aService(test.db, { name: "Gutters cleared", required_skill: "Ladder" });
  dana = await aTechnician(test.db, { skills: ["windows"] });
  ({ id: customer_id } = await aContact(test.db));
});

const withLadder = (name = "Ana") => aTechnician(test.db, { name, skills: ["windows", "LADDER "] });
const create = (data: object) =>
  act(test.db, createTicket, { customer_id, line_items: [{ service_id: gutters.id }], ...data });
/** A visit that needs a ladder, without a time. */
const anUnscheduledVisit = async () => String((await create({}))["id"]);
const schedule = (id: string, technician_id?: string) =>
  act(test.db, scheduleTicket, { id, window_start, technician_id });

const LACKS = {
  code: "validation_failed",
  fields: [{ path: "data.technician_id", message: "Dana Reed lacks a skill: Ladder (for Gutters cleared)" }],
};

describe("a service that needs a skill", () => {
  it("books the only technician who has it, ignoring case", async () => {
    const ana = await withLadder();
    await aTechnician(test.db, { skills: ["ladder"], active: false });
    expect(await create({ window_start })).toMatchObject({ technician_id: ana.id, status: "scheduled" });
    expect(await create({ line_items: [] })).toMatchObject({ technician_id: null });
  });

  it("books one of those who have it when several do", async () => {
    const able = [await withLadder("Ana"), await withLadder("Bo")].map(({ id }) => id);
    const booked = [await create({ window_start }), await create({ window_start })];
    expect(booked.map(({ technician_id }) => technician_id)).toEqual(able);
    expect(await refusal(create({ window_start }))).toMatchObject({ code: "conflict" });
  });

  it("rejects a technician without it in every action, and names those who have it", async () => {
    const ana = await withLadder();
    const technician_id = dana.id;
    const booked = await aTicket(test.db, { status: "scheduled", technician_id: ana.id });
    await act(test.db, addLineItem, { id: booked.id, service_id: gutters.id });
    const wish = await anUnscheduledVisit();
    const refused = [
      () => create({ technician_id, window_start }),
      () => create({ technician_id }),
      () => schedule(wish, technician_id),
      () => act(test.db, assignTicket, { id: wish, technician_id }),
      () => act(test.db, assignTicket, { id: booked.id, technician_id }),
    ];
    for (const each of refused)
      expect(await refusal(each())).toMatchObject({ ...LACKS, hint: `Choose one of: ${ana.id} (Ana).` });
    expect(await schedule(wish, ana.id)).toMatchObject({ technician_id: ana.id });
  });

  it("rejects the booking when nobody has it, and says what a person can do", async () => {
    const error = await refusal(create({ window_start }));
    expect(error).toMatchObject({
      fields: [{ path: "data.technician_id", message: expect.stringContaining("nobody has the skills:") }],
      hint: expect.stringContaining("technician.update"),
    });
  });

  it("requires a technician with every skill of the visit", async () => {
    await aService(test.db, { name: "Solar panels", required_skill: "solar" });
    const line_items = [{ service_id: gutters.id }, { service: "Solar panels" }];
    await withLadder();
    const { hint } = await refusal(create({ line_items, window_start }));
    expect(hint).toContain("No active technician has Ladder and solar");
    const both = await aTechnician(test.db, { name: "Cy", skills: ["Solar", "ladder"] });
    expect(await create({ line_items, window_start })).toMatchObject({ technician_id: both.id });
  });
});

describe("a line added to a visit", () => {
  const more = (id: string) => refusal(act(test.db, addLineItem, { id, service: "Gutters cleared" }));

  it.each(["unscheduled", "scheduled", "in_progress"] as const)(
    "is rejected when the technician of a visit that is %s lacks the skill",
    async (status) => {
      const { id } = await aTicket(test.db, { status, technician_id: dana.id });
      expect(await more(id)).toMatchObject({
        code: "conflict",
        message: "Dana Reed, who is assigned to this visit, lacks a skill: Ladder (for Gutters cleared).",
        hint: expect.stringContaining("A person must add the skill with technician.update"),
      });
      const ana = await withLadder();
      expect((await more(id)).hint).toBe(
        `Assign another technician first (ticket.assign). Choose one of: ${ana.id} (Ana).`,
      );
      await act(test.db, assignTicket, { id, technician_id: ana.id });
      const ticket = await act(test.db, addLineItem, { id, service_id: gutters.id });
      expect(ticket["line_items"]).toHaveLength(1);
    },
  );

  it("is accepted after completion, and reopening requires a technician with the skill", async () => {
    const { id } = await aTicket(test.db, { status: "completed", technician_id: dana.id });
    await act(test.db, addLineItem, { id, service_id: gutters.id });
    const ana = await withLadder();
    expect(await refusal(act(test.db, reopenTicket, { id, window_start }))).toMatchObject(LACKS);
    const again = await act(test.db, reopenTicket, { id, window_start, technician_id: ana.id });
    expect(again).toMatchObject({ status: "scheduled", technician_id: ana.id });
  });
});

it("a booked technician who loses a skill keeps the visit", async () => {
  const ana = await withLadder();
  const id = await anUnscheduledVisit();
  await schedule(id);
  await withJob(test.db, (manager) => manager.update(Technician, ana.id, { skills: [] }));
  expect(await act(test.db, updateTicket, { id, duration_minutes: 90 })).toMatchObject({
    technician_id: ana.id,
    duration_minutes: 90,
  });
});

it("the skill filter of technicians ignores case", async () => {
  const ana = await withLadder();
  const { types } = makeRegistry(domains);
  const input = { type: "technicians", filters: { skill: "WINDOWS" } };
  expect(await runQuery(test.db, input, { types, now: MONDAY_9 })).toMatchObject({
    items: [{ id: ana.id }, { id: dana.id }],
  });
});
