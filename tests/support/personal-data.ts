import type { EntityManager } from "typeorm";
import { rows } from "../../src/database/sql.ts";
import { agent, type JobRow, type Pipeline } from "./pipeline.ts";

/** Unique words; each is in one of the customer's texts and nowhere else. */
export const SECRETS = [
  "Quirinia",
  "Zwickelmann",
  "6085550177",
  "zwick@example.com",
  "Hibiskusgasse",
  "peacock",
  "trombone",
  "marmalade",
  "zeppelin",
  "kaleidoscope",
  "wolpertinger",
  "bassoon",
];
export const NAME = "Quirinia Zwickelmann";

export const made = async (
  pipeline: Pipeline,
  action: string,
  data: object,
  rest?: { reasoning?: string; dry_run?: boolean },
) => {
  const job = await pipeline.ask(agent, action, data, rest ?? { reasoning: "They asked." });
  if (job.status !== "completed") throw new Error(JSON.stringify(job.error));
  return { job, id: String((job.result as { id?: string }).id) };
};

/** A customer with every kind of personal data that the CRM stores, and an unrelated neighbour. */
export async function aCustomerWithHistory(pipeline: Pipeline) {
  const contact = await made(pipeline, "contact.create", {
    name: NAME,
    phones: [{ number: "(608) 555-0177", label: "peacock line" }],
    emails: ["zwick@example.com"],
    tags: ["trombone"],
    notes: "Loves marmalade.",
  });
  const customer_id = contact.id;
  const address = await made(pipeline, "contact.add_address", {
    id: customer_id,
    lines: ["7 Hibiskusgasse"],
    city: "Madison",
    access_notes: "Beware of the peacock.",
  });
  const ticket = await made(pipeline, "ticket.create", {
    customer_id,
    address_id: address.id,
    notes: "Bring marmalade.",
    line_items: [{ description: "Windows of the zeppelin", unit_price_cents: 9_000 }],
  });
  await made(pipeline, "ticket.start", { id: ticket.id });
  await made(pipeline, "ticket.complete", { id: ticket.id });
  const called = await made(pipeline, "ticket.create", { customer_id });
  await made(pipeline, "ticket.cancel", { id: called.id, reason: "Plays the bassoon." });
  const lead = await made(pipeline, "lead.create", {
    customer_id,
    name: NAME,
    raw_notes: "A kaleidoscope of windows.",
  });
  await made(pipeline, "attribute.define", { entity: "contact", key: "pet", type: "text" });
  await made(pipeline, "attribute.set", { id: customer_id, values: { pet: "wolpertinger" } });
  await made(pipeline, "message.log_inbound", { customer_id, body: "Come before the zeppelin lands." });
  const update = await made(pipeline, "contact.update", { id: customer_id, notes: "No more marmalade." });
  const neighbour = await made(pipeline, "contact.create", {
    name: "Bob Neighbour",
    notes: "Plays the tuba.",
  });
  return { customer_id, address, ticket, lead, update, neighbour };
}

/** Requests about the customer that changed nothing: dry runs, a failed job, a denied deletion. */
export async function refusedRequests(pipeline: Pipeline, customer_id: string): Promise<JobRow> {
  const dry = { dry_run: true };
  await pipeline.ask(agent, "contact.create", { name: NAME, notes: "Bassoon." }, dry);
  await pipeline.ask(
    agent,
    "contact.create",
    { name: "Q", phones: [{ number: "608 555 0177" }], notes: "zeppelin" },
    dry,
  );
  const late = {
    name: "Q",
    emails: ["Zwick@example.com"],
    raw_notes: "trombone",
    next_follow_up_at: "2020-01-01",
  };
  expect(await pipeline.ask(agent, "lead.create", late)).toMatchObject({ status: "failed" });
  await pipeline.ask(agent, "contact.update", { id: customer_id, notes: "peacock" }, dry);
  const parked = await pipeline.ask(
    agent,
    "contact.delete",
    { id: customer_id },
    { reasoning: "Sold the zeppelin." },
  );
  const sworn = await pipeline.ask(agent, "probe.swear", { id: customer_id, notes: "A tame peacock." });
  const edited = await pipeline.edit(sworn, { id: customer_id, notes: "A zeppelin of marmalade." });
  await pipeline.answer(edited, { decision: "denied" });
  return pipeline.answer(parked, { decision: "denied", notes: "She loves marmalade." });
}

/** Finds any of the words in all text columns of all tables. */
export async function findTraces(db: EntityManager, words: readonly string[]): Promise<string[]> {
  const columns = await rows<{ schema: string; table: string; column: string }>(
    db,
    `SELECT table_schema AS schema, table_name AS "table", column_name AS "column" FROM information_schema.columns
     JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
       AND (data_type IN ('text', 'jsonb', 'json', 'ARRAY', 'character varying', 'tsvector'))`,
  );
  const found: string[] = [];
  for (const { schema, table, column } of columns) {
    const [hit] = await rows<{ text: string }>(
      db,
      `SELECT "${column}"::text AS text FROM "${schema}"."${table}" WHERE "${column}"::text ~* $1 LIMIT 1`,
      [words.join("|")],
    );
    if (hit) found.push(`${table}.${column}: ${hit.text}`);
  }
  return found;
}
