import type { DataSource } from "typeorm";
import { z } from "zod";
import { actionKey } from "../../src/domain/core/action.ts";
import { domains } from "../../src/domain/index.ts";
import { rows } from "../../src/database/sql.ts";
import { anyBackend } from "../support/backends.ts";
import { aCrm, type TestCrm } from "../support/crm.ts";
import { aContact, aTicket } from "../support/factories.ts";
import { elevenMinutesLater } from "../support/flush-queue.ts";
import { agent } from "../support/pipeline.ts";

interface Request {
  action: string;
  data: object;
}

/** A state that needs a level, and the requests that lead to it. */
interface EndState {
  level: "soft_limit" | "requires_authorization";
  /** Creates the records and returns their ids. */
  before(db: DataSource): Promise<string[]>;
  transition(ids: string[]): Request;
  paths: Record<string, (ids: string[]) => Request>;
  /** Selects the records that have reached the state. */
  reached: string;
}

const ask = (action: string, data: object): Request => ({ action, data });
/** A workflow of these steps that continues after a refusal, as an attacker's would. */
const workflow = (...steps: Request[]): Request =>
  ask("probe.script", { steps: steps.map((step) => ({ ...step, caught: true })) });
const one = ([id = ""]: string[]) => ({ id });
const each = (ids: string[], action: string, more = {}) => ids.map((id) => ask(action, { id, ...more }));
const strangers = (db: DataSource) =>
  Promise.all(Array.from({ length: 6 }, async () => (await aContact(db)).id));
const visits = (db: DataSource, count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await aTicket(db)).id));

const END_STATES: Record<string, EndState> = {
  "a cancelled visit": {
    level: "soft_limit",
    before: (db) => visits(db, 1),
    transition: (ids) => ask("ticket.cancel", one(ids)),
    paths: {
      "a bulk of one": (ids) => ask("ticket.bulk_cancel", { ids }),
      "a workflow": (ids) => workflow(...each(ids, "ticket.cancel")),
      "a workflow around a bulk": (ids) => workflow(ask("ticket.bulk_cancel", { ids })),
    },
    reached: "SELECT FROM ticket WHERE id = ANY($1) AND status = 'cancelled'",
  },
  "a no-show visit": {
    level: "soft_limit",
    before: (db) => visits(db, 1),
    transition: (ids) => ask("ticket.no_show", one(ids)),
    paths: { "a workflow": (ids) => workflow(...each(ids, "ticket.no_show")) },
    reached: "SELECT FROM ticket WHERE id = ANY($1) AND status = 'no_show'",
  },
  "a reopened visit": {
    level: "soft_limit",
    before: async (db) => [(await aTicket(db, { status: "completed" })).id],
    transition: (ids) => ask("ticket.reopen", one(ids)),
    paths: { "a workflow": (ids) => workflow(...each(ids, "ticket.reopen")) },
    reached: "SELECT FROM ticket WHERE id = ANY($1) AND status = 'scheduled'",
  },
  "a customer who is put away": {
    level: "soft_limit",
    before: async (db) => [(await aContact(db)).id],
    transition: (ids) => ask("contact.archive", one(ids)),
    paths: { "a workflow": (ids) => workflow(...each(ids, "contact.archive")) },
    reached: "SELECT FROM contact WHERE id = ANY($1) AND archived_at IS NOT NULL",
  },
  "a customer who is another one": {
    level: "soft_limit",
    before: async (db) => [(await aContact(db)).id, (await aContact(db)).id],
    transition: ([id, into_id]) => ask("contact.merge", { id, into_id }),
    paths: { "a workflow": ([id, into_id]) => workflow(ask("contact.merge", { id, into_id })) },
    reached: `SELECT FROM contact WHERE id = ANY($1)
      AND EXISTS (SELECT FROM contact WHERE (id, merged_into_id) = (($1::text[])[1], ($1::text[])[2]))`,
  },
  "a customer with history who is gone": {
    level: "requires_authorization",
    before: async (db) => [(await aTicket(db, { status: "completed" })).customer_id],
    transition: (ids) => ask("contact.delete", one(ids)),
    paths: {
      "a bulk of one": (ids) => ask("contact.bulk_delete", { ids }),
      "a workflow": (ids) => workflow(...each(ids, "contact.delete")),
      "a workflow that first looks harmless": (ids) =>
        workflow(...each(ids, "contact.update", { notes: "x" }), ...each(ids, "contact.delete")),
    },
    reached: "SELECT FROM unnest($1::text[]) AS gone WHERE gone NOT IN (SELECT id FROM contact)",
  },
  "six customers who are changed at once": {
    level: "requires_authorization",
    before: strangers,
    transition: (ids) => ask("contact.bulk_update", { ids, data: { tags: ["x"] } }),
    paths: {
      "a workflow of single steps": (ids) => workflow(...each(ids, "contact.update", { tags: ["x"] })),
      "a workflow of two bulks": (ids) =>
        workflow(
          ...[ids.slice(0, 3), ids.slice(3)].map((some) =>
            ask("contact.bulk_update", { ids: some, data: { tags: ["x"] } }),
          ),
        ),
    },
    reached: "SELECT FROM contact WHERE id = ANY($1) AND tags = '{x}'",
  },
  "six visits that are cancelled": {
    level: "requires_authorization",
    before: (db) => visits(db, 6),
    transition: (ids) => ask("ticket.bulk_cancel", { ids }),
    paths: {
      "a workflow of single steps": (ids) => workflow(...each(ids, "ticket.cancel")),
    },
    reached: "SELECT FROM ticket WHERE id = ANY($1) AND status = 'cancelled'",
  },
};

const ways = Object.entries(END_STATES).flatMap(([end, state]) =>
  Object.entries({ "the transition itself": state.transition, ...state.paths }).map(([road, request]) => ({
    end,
    road,
    state,
    request,
  })),
);

anyBackend("a path to an end state", (backend) => {
  let crm: TestCrm;
  beforeAll(async () => {
    crm = await aCrm(backend);
  });
  afterAll(() => crm.close());
  beforeEach(() => elevenMinutesLater(crm));

  const reasoning = "They asked for it.";

  it.each(ways)("requires the level of the transition: to $end by $path", async ({ state, request }) => {
    const ids = await state.before(crm.db);
    const { action, data } = request(ids);
    const reached = async () => (await rows(crm.db.manager, state.reached, [ids])).length;

    const preview = await crm.ask(agent, action, data, { dry_run: true });
    expect(preview.result).toMatchObject({ permission: state.level });
    const withoutReasoning = await crm.ask(agent, action, data);
    expect(withoutReasoning).toMatchObject(
      state.level === "soft_limit"
        ? { status: "failed", error: { code: "reasoning_required" } }
        : { status: "authorization_required" },
    );
    expect(await reached()).toBe(0);

    const done =
      state.level === "soft_limit"
        ? await crm.ask(agent, action, data, { reasoning })
        : await crm.allow(withoutReasoning);
    expect(done).toMatchObject({ status: "completed" });
    expect(await reached()).toBe(ids.length);
  });

  it.each<[string, string, () => Promise<Request>]>([
    [
      "ticket.cancel",
      "a visit that was opened",
      async () => ask("ticket.create", { customer_id: (await aContact(crm.db)).id }),
    ],
    [
      "ticket.reopen",
      "a visit that was completed",
      async () => ask("ticket.complete", { id: (await aTicket(crm.db, { status: "in_progress" })).id }),
    ],
    [
      "contact.remove_address",
      "an address that was added",
      async () => ask("contact.add_address", { id: (await aContact(crm.db)).id, lines: ["1 Elm Street"] }),
    ],
  ])("requires the level of %s to undo %s", async (_transition, _what, request) => {
    const { action, data } = await request();
    const { job_id } = await crm.ask(agent, action, data);
    const withoutReasoning = await crm.ask(agent, "job.undo", { job_id });
    expect(withoutReasoning).toMatchObject({ error: { code: "reasoning_required" } });
    const done = await crm.ask(agent, "job.undo", { job_id }, { reasoning });
    expect(done).toMatchObject({ status: "completed" });
  });
});

const CONTACT = "contact_01kb2m6x8efh5rt3zqk9w7ycd4";
const TICKET = "ticket_01kb2m6x8efh5rt3zqk9w7ycd4";

describe("a state as a plain field", () => {
  /** Fields that only transitions write. */
  const TRANSITION_FIELDS = [
    ...["status", "archived_at", "merged_into_id", "actual_start", "actual_end", "during"],
    ...["total_cents", "paid_cents", "credited_cents", "due_cents", "role", "permission", "level"],
  ];

  /** Every field name of an input, including nested ones. */
  function namesIn(schema: unknown): string[] {
    if (typeof schema !== "object" || schema === null) return [];
    const { properties } = schema as { properties?: object };
    return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(namesIn)];
  }

  const forAgents = domains
    .flatMap(({ actions }) => actions)
    .filter(({ audience }) => audience === undefined);

  it.each(forAgents.map((action) => ({ key: actionKey(action), action })))(
    "is not accepted by $key",
    ({ action }) => {
      const names = namesIn(z.toJSONSchema(action.input, { io: "input" }));
      expect(names.filter((name) => TRANSITION_FIELDS.includes(name))).toEqual([]);
    },
  );

  it.each([
    ["contact.update", { id: CONTACT, archived_at: "2026-11-23T15:30:00Z" }, "archived_at"],
    ["contact.update", { id: CONTACT, tickets: [{ status: "cancelled" }] }, "tickets"],
    ["contact.bulk_update", { ids: [CONTACT], data: { archived_at: null } }, "data.archived_at"],
    ["contact.create", { name: "Rosa", tickets: [{ status: "completed" }] }, "tickets"],
    ["ticket.create", { customer_id: CONTACT, status: "cancelled" }, "status"],
    ["ticket.create", { customer_id: CONTACT, customer: { archived_at: null } }, "customer"],
    ["ticket.update", { id: TICKET, status: "completed" }, "status"],
    ["ticket.update", { id: TICKET, customer_id: CONTACT }, "customer_id"],
    ["ticket.no_show", { id: TICKET, data: { status: "completed" } }, "data"],
    ["ticket.schedule", { id: TICKET, window_start: "2026-11-23T15:30", status: "completed" }, "status"],
  ])("is refused in %s: %j", (key, data, path) => {
    const [domain, name] = key.split(".");
    const action = domains
      .flatMap(({ actions }) => actions)
      .find((each) => each.domain === domain && each.name === name);
    const issues = action?.input
      .safeParse(data)
      .error?.issues.flatMap((issue) =>
        issue.code === "unrecognized_keys"
          ? issue.keys.map((k) => [...issue.path, k].join("."))
          : [issue.code],
      );
    expect(issues).toContain(path);
  });
});
