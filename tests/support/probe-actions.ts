import { z } from "zod";
import { type Action, actionKey, defineAction } from "../../src/domain/core/action.ts";
import { CrmError, invalidState } from "../../src/domain/core/errors.ts";
import { idOf } from "../../src/domain/core/ids.ts";
import { needsAuthorization } from "../../src/domain/core/permission.ts";
import { findOrFail, insert, update } from "../../src/domain/core/records.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { sendMessage } from "../../src/domain/message/send.ts";
import { Contact } from "../../src/entities/contact.ts";
import { Ticket } from "../../src/entities/ticket.ts";

const target = { id: idOf("contact"), notes: z.string().default("touched") };
const domain = "probe";
const summary = "Only for tests: shows one property of the pipeline.";
const example = { id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4" };
const base = { domain, summary, example, targets: ({ id }: { id: string }) => [id] };

export const note = defineAction({
  ...base,
  name: "note",
  permission: "unrestricted",
  input: z.strictObject(target),
  async handler(context, { id, notes }) {
    return update(context, await findOrFail(context.db, Contact, id), { notes });
  },
});

/** As `note`, but requires reasoning. */
const remark = defineAction({ ...note, name: "remark", permission: "soft_limit" });

/** As `note`, but always needs an authorization. */
export const swear = defineAction({ ...note, name: "swear", permission: "requires_authorization" });

/** As `note`, but needs an authorization if `cents` or `risky` is set; only `risky` means an unknown amount. */
const spend = defineAction({
  ...note,
  name: "spend",
  input: z.strictObject({ ...target, cents: z.int().optional(), risky: z.boolean().default(false) }),
  raisedWhen: "requires_authorization when it costs something",
  escalate: (_context, { cents, risky }) =>
    Promise.resolve(
      (cents !== undefined || risky) &&
        needsAuthorization(`It costs ${cents}`, { cents: cents ?? null }, cents),
    ),
});

/** As `spend`, but requires reasoning even if a rule allows it. */
const splurge = defineAction({ ...spend, name: "splurge", permission: "soft_limit" });

/** Creates rows that reference each other; its authorization shows the customer's notes as a fact. */
const plant = defineAction({
  ...base,
  name: "plant",
  permission: "unrestricted",
  input: z.strictObject(target),
  raisedWhen: "always",
  async escalate({ db }, { id }) {
    const { notes } = await findOrFail(db, Contact, id);
    return needsAuthorization("It plants", { notes });
  },
  async handler(context, { notes }) {
    const friend = await insert<Contact>(context, Contact, { name: "Friend", notes });
    const visit = await insert<Ticket>(context, Ticket, { customer_id: friend.id, notes });
    return { friend: friend.id, visit: visit.id };
  },
});

/** Sends `count` messages to a customer. */
const write = defineAction({
  ...base,
  name: "write",
  permission: "unrestricted",
  input: z.strictObject({ id: idOf("contact"), count: z.int() }),
  example: { ...example, count: 1 },
  undo: true,
  async handler(context, { id, count }) {
    const sent: unknown[] = [];
    while (sent.length < count)
      sent.push(await context.call(sendMessage, { customer_id: id, body: "Hello" }));
    return sent;
  },
});

/** Writes a record, then fails in the way that `over` names. */
const stumble = defineAction({
  ...base,
  name: "stumble",
  permission: "unrestricted",
  input: z.strictObject({ ...target, over: z.enum(["refusal", "constraint", "deferred", "range", "bug"]) }),
  example: { ...example, over: "bug" },
  async handler(context, { id, notes, over }) {
    await note.handler(context, { id, notes });
    const { db } = context;
    if (over === "constraint")
      await insert<Contact>(context, Contact, { name: "R2", kind: "robot" as "person" }); // Wrong on purpose.
    if (over === "deferred") {
      await db.query("SET CONSTRAINTS ALL DEFERRED");
      await insert<Ticket>(context, Ticket, { customer_id: "contact_nobody" });
    }
    if (over === "range")
      await insert<Ticket>(context, Ticket, { customer_id: id, duration_minutes: 2 ** 40 });
    if (over === "refusal")
      throw invalidState("customer", "be woken", { state: "asleep", allowed: ["sing"] });
    if (over === "bug") throw new TypeError("a bug");
    return null;
  },
});

/** Needs an authorization the first `risky` times it is evaluated (default: always); fails if `refuses`. */
export const moody = (flaky: { refuses?: boolean; risky?: number }) =>
  defineAction({
    ...note,
    name: "moody",
    escalate: () => {
      if (flaky.risky !== undefined && flaky.risky-- <= 0) return Promise.resolve(false);
      return Promise.resolve(needsAuthorization("It feels risky", {}));
    },
    async handler(context, input) {
      const done = await note.handler(context, input);
      if (!flaky.refuses) return done;
      throw invalidState("customer", "be woken", { state: "asleep", allowed: [] });
    },
  });

const step = z.strictObject({
  action: z.string(),
  data: z.record(z.string(), z.unknown()),
  /** Continues if the step fails. */
  caught: z.boolean().default(false),
});

/** A workflow: calls the given actions one after the other. */
const script = defineAction({
  domain,
  name: "script",
  summary,
  permission: "unrestricted",
  input: z.strictObject({ steps: z.array(step) }),
  example: { steps: [] },
  undo: true,
  async handler(context, { steps }) {
    const results: unknown[] = [];
    for (const { action, data, caught } of steps) {
      try {
        await context.call(inner(action), data);
        results.push("done");
      } catch (error) {
        if (!caught) throw error;
        results.push(error instanceof CrmError ? error.code : "stopped");
      }
    }
    return results;
  },
});

const inner = (key: string): Action => testRegistry.action(key);

const probes: readonly Action[] = [note, remark, swear, spend, splurge, plant, write, stumble, script];

/** The product's actions and the probe actions. */
export const testRegistry = withActions();

/** `testRegistry` with more actions in the probes' domain. */
export function withActions(...more: Action[]) {
  const actions = [...probes, ...more];
  return makeRegistry([...domains, { domain, description: "Tests", noun: "probe", actions, types: [] }]);
}

/** `{ action: "probe.note", data: … }` of a script. */
export const stepOf = (
  name: "note" | "remark" | "swear" | "spend" | "stumble" | "plant",
  data: object,
  caught = false,
) => ({
  action: actionKey({ domain, name }),
  data,
  caught,
});
