import { rows } from "../../src/database/sql.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { anAttributeValue, aService, aTemplate } from "../support/definitions.ts";
import {
  aContact,
  aLead,
  aLineItem,
  aMessage,
  aPlan,
  anAddress,
  anInvoice,
  aTicket,
  aWaitlistEntry,
  theSettings,
} from "../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
  await anAddress(test.db);
  await anAttributeValue(test.db);
  await aContact(test.db);
  await anInvoice(test.db);
  await anInvoice(test.db, { status: "open" });
  await aLead(test.db);
  await aTicket(test.db, { status: "scheduled", line_items: [{}] });
  await aLineItem(test.db);
  await aMessage(test.db);
  await aPlan(test.db);
  await aService(test.db);
  await aTemplate(test.db);
  await aWaitlistEntry(test.db);
});
afterAll(() => test.drop());

const unknownStatus = "UPDATE %t SET status = 'lost_in_time'";

/** For every CHECK of the database a write that nothing else refuses. `%t` is the table. */
const BROKEN: Record<string, string> = {
  address_kind: "UPDATE %t SET kind = 'holiday'",
  attribute_entity: "UPDATE %t SET entity = 'invoice'",
  attribute_options: "UPDATE %t SET options = '{red}'",
  attribute_type: "UPDATE %t SET type = 'money'",
  attribute_value_owner: "UPDATE %t SET ticket_id = 'ticket_x'",
  attribute_value_type: "UPDATE %t SET value = '\"many\"'",
  authorization_status: `INSERT INTO %t (id, job_id, status, title, reason, causes, facts, preview, digest, expires_at)
    VALUES ('a', 'j', 'perhaps', '', '', '{}', '{}', '{}', '', now())`,
  contact_kind: "UPDATE %t SET kind = 'cat'",
  contact_merged: "UPDATE %t SET merged_into_id = 'contact_x', archived_at = NULL",
  delivery_status:
    "INSERT INTO %t (id, job_id, kind, payload, status) VALUES ('d', 'j', 'email', '{}', 'lost')",
  invoice_amounts: "UPDATE %t SET subtotal_cents = total_cents + 1, tax_cents = -1",
  invoice_balance: "UPDATE %t SET due_cents = due_cents + 1",
  invoice_dates: "UPDATE %t SET due_date = issue_date - 1",
  invoice_draft: "UPDATE %t SET number = 'x' || id WHERE status = 'draft'",
  invoice_finalized: "UPDATE %t SET customer_name = NULL WHERE status = 'open'",
  invoice_status: `${unknownStatus} WHERE status = 'open'`,
  invoice_total: "UPDATE %t SET subtotal_cents = subtotal_cents + 1",
  job_finished: "UPDATE %t SET finished_at = NULL WHERE status = 'completed'",
  job_status: "UPDATE %t SET status = 'lost_in_time'",
  lead_converted_has_customer: "UPDATE %t SET status = 'converted', customer_id = NULL",
  lead_status: unknownStatus,
  lead_urgency: "UPDATE %t SET urgency = 'panic'",
  line_item_amounts: "UPDATE %t SET quantity = 0",
  line_item_owner: "UPDATE %t SET invoice_id = 'invoice_x'",
  line_item_tax: "UPDATE %t SET tax_bp = 10001",
  message_channel: "UPDATE %t SET channel = 'pigeon'",
  message_direction: "UPDATE %t SET direction = 'sideways'",
  message_received: "UPDATE %t SET status = 'received'",
  message_status: unknownStatus,
  plan_state: "UPDATE %t SET state = 'lost_in_time'",
  service_amounts: "UPDATE %t SET duration_minutes = 0",
  settings_single: "UPDATE %t SET id = 'more'",
  template_channel: "UPDATE %t SET channel = 'pigeon'",
  template_subject: "UPDATE %t SET subject = 'Hello'",
  ticket_scheduled_has_technician: "UPDATE %t SET technician_id = NULL",
  ticket_status: unknownStatus,
  ticket_window: "UPDATE %t SET window_end = window_start",
  user_role: `INSERT INTO %t (id, email, name, role) VALUES ('u', 'u', 'U', 'guest')`,
  waitlist_entry_state: "UPDATE %t SET state = 'lost_in_time'",
  webhook_endpoint_single: "INSERT INTO %t (id, url, secret) VALUES ('second', '', '')",
};

/** As the owner and without triggers, so that only constraints stand between the write and the table. */
const write = (sql: string) =>
  test.db.transaction(async (db) => {
    await rows(db, "SET LOCAL ROLE NONE");
    await rows(db, "SET LOCAL session_replication_role = replica");
    await rows(db, sql);
  });

const checks = () =>
  rows<{ name: string; table: string }>(
    test.db.manager,
    `SELECT conname AS name, conrelid::regclass::text AS "table" FROM pg_constraint
     WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY conname`,
  );

describe("the check constraints", () => {
  it("each have a violating write in this test", async () => {
    const known = (await checks()).map(({ name }) => name);
    expect(known).toEqual(Object.keys(BROKEN).sort());
  });

  it.each(Object.entries(BROKEN))("reject a write that violates %s", async (name, sql) => {
    const table = (await checks()).find((check) => check.name === name)?.table ?? "";
    await expect(write(sql.replace("%t", table))).rejects.toMatchObject({ constraint: name });
  });
});
