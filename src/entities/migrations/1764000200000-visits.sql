-- Invoices, whose lines are kept like a ticket's; duplicates found by phone and e-mail, and what becomes of them.

CREATE TABLE invoice (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  number text,
  customer_id text,
  customer_name text,
  customer_address text,
  ticket_id text,
  status text NOT NULL DEFAULT 'draft',
  currency text NOT NULL,
  subtotal_cents bigint NOT NULL DEFAULT 0,
  tax_cents bigint NOT NULL DEFAULT 0,
  total_cents bigint NOT NULL DEFAULT 0,
  paid_cents bigint NOT NULL DEFAULT 0,
  credited_cents bigint NOT NULL DEFAULT 0,
  due_cents bigint NOT NULL DEFAULT 0,
  issue_date date,
  due_date date,
  pay_token text,
  notes text,
  CONSTRAINT invoice_number_key UNIQUE (number),
  CONSTRAINT invoice_pay_token_key UNIQUE (pay_token),
  CONSTRAINT invoice_status CHECK (status IN ('draft', 'open', 'partially_paid', 'paid', 'uncollectible', 'void', 'partially_refunded', 'refunded')),
  CONSTRAINT invoice_total CHECK (subtotal_cents + tax_cents = total_cents),
  CONSTRAINT invoice_balance CHECK (paid_cents + credited_cents + due_cents = total_cents),
  CONSTRAINT invoice_amounts CHECK (subtotal_cents >= 0 AND tax_cents >= 0 AND paid_cents >= 0 AND credited_cents >= 0 AND due_cents >= 0),
  CONSTRAINT invoice_draft CHECK (status <> 'draft' OR (customer_id IS NOT NULL AND number IS NULL AND paid_cents = 0)),
  CONSTRAINT invoice_finalized CHECK (status = 'draft' OR num_nulls(number, issue_date, due_date, customer_name, customer_address) = 0),
  CONSTRAINT invoice_dates CHECK (due_date >= issue_date),
  CONSTRAINT invoice_pk PRIMARY KEY (id)
);
CREATE INDEX invoice_customer ON invoice (customer_id);
CREATE INDEX invoice_ticket ON invoice (ticket_id);
CREATE INDEX invoice_unpaid ON invoice (due_date) WHERE status IN ('open', 'partially_paid');
ALTER TABLE invoice
  ADD CONSTRAINT invoice_customer_id_fk FOREIGN KEY (customer_id) REFERENCES contact(id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE invoice
  ADD CONSTRAINT invoice_ticket_id_fk FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE;
CALL guard_table('invoice');

ALTER TABLE line_item ALTER ticket_id DROP NOT NULL;
ALTER TABLE line_item ADD invoice_id text;
ALTER TABLE line_item
  ADD CONSTRAINT line_item_invoice_id_fk FOREIGN KEY (invoice_id) REFERENCES invoice(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE line_item ADD CONSTRAINT line_item_owner CHECK (num_nonnulls(ticket_id, invoice_id) = 1);
CREATE INDEX line_item_invoice ON line_item (invoice_id);

-- A merged duplicate is archived, forwards to who was kept, and goes with them: it is the same person.
ALTER TABLE contact DROP CONSTRAINT contact_merged_into_id_fk;
ALTER TABLE contact
  ADD CONSTRAINT contact_merged_into_id_fk FOREIGN KEY (merged_into_id) REFERENCES contact(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE contact
  ADD CONSTRAINT contact_merged CHECK (merged_into_id IS NULL OR (archived_at IS NOT NULL AND merged_into_id <> id));
CREATE INDEX contact_merged_into ON contact (merged_into_id) WHERE merged_into_id IS NOT NULL;

-- Whoever has this phone or this e-mail, among a million; no list of pending entries, which each lookup would read.
CREATE INDEX contact_phones ON contact USING gin (phones jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX contact_emails ON contact USING gin (emails) WITH (fastupdate = off);

-- The job that took another one back.
CREATE INDEX job_undone ON job ((input->>'job_id')) WHERE action = 'job.undo';
