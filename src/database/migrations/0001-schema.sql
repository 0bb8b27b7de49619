-- All tables with their constraints, indexes and grants, in the order of their foreign
-- keys. The schema takes four files, because one would be too long to read: 0002-guards has the triggers that protect
-- the rows, 0003-search the customer search, 0004-erase the erasure of personal data.
--
-- Foreign keys between business records are DEFERRABLE: undo restores rows in reverse order and checks them at the end.

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- migrate.ts creates the role, unless an administrator has prepared it.
GRANT USAGE ON SCHEMA public TO countersign_app;


-- ── Jobs, changes, deliveries, authorizations ───────────────────────────────────────────────────────────────────────

CREATE TABLE job (
  id text NOT NULL,
  action text NOT NULL,
  input jsonb NOT NULL,
  digest text NOT NULL,
  reasoning text,
  dry_run boolean NOT NULL DEFAULT false,
  principal text NOT NULL,
  principal_kind text NOT NULL,
  principal_name text NOT NULL,
  idempotency_key text,
  status text NOT NULL DEFAULT 'queued',
  result jsonb,
  error jsonb,
  level text,
  allowed_by text,
  hits text[] NOT NULL DEFAULT '{}',
  dispatches integer NOT NULL DEFAULT 0,
  starts integer NOT NULL DEFAULT 0,
  resends integer NOT NULL DEFAULT 0,
  xid text,
  created_at timestamptz NOT NULL DEFAULT now(),
  dispatched_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  erased_at timestamptz,
  CONSTRAINT job_pk PRIMARY KEY (id),
  CONSTRAINT job_status CHECK (status IN ('queued', 'running', 'completed', 'failed', 'authorization_required', 'denied', 'expired', 'withdrawn')),
  CONSTRAINT job_finished CHECK ((finished_at IS NULL) = (status IN ('queued', 'running', 'authorization_required')))
);
CREATE UNIQUE INDEX job_idempotency ON job (principal, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX job_by_principal ON job (principal, id);
CREATE INDEX job_waiting ON job (dispatched_at) WHERE status IN ('queued', 'running');
CREATE INDEX job_parked ON job (principal, digest) WHERE status = 'authorization_required';
CREATE INDEX job_window ON job (finished_at) WHERE hits <> '{}';
CREATE INDEX job_ended ON job (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX job_undone ON job ((input->>'job_id')) WHERE action = 'job.undo';

CREATE TABLE change (
  id bigserial NOT NULL,
  job_id text NOT NULL,
  table_name text NOT NULL,
  record_id text NOT NULL,
  operation text NOT NULL,
  before jsonb,
  after jsonb,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT change_pk PRIMARY KEY (id),
  CONSTRAINT change_job_id_fk FOREIGN KEY (job_id) REFERENCES job (id)
);
CREATE INDEX change_job ON change (job_id);
CREATE INDEX change_record ON change (table_name, record_id);

-- `next_attempt_at`: while queued, when to try; while sending, when the lease expires.
CREATE TABLE delivery (
  id text NOT NULL,
  job_id text NOT NULL,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  status text NOT NULL DEFAULT 'queued',
  attempts integer NOT NULL DEFAULT 0,
  dispatches integer NOT NULL DEFAULT 0,
  error text,
  provider_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  dispatched_at timestamptz,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  CONSTRAINT delivery_pk PRIMARY KEY (id),
  CONSTRAINT delivery_status CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'cancelled')),
  CONSTRAINT delivery_job_id_fk FOREIGN KEY (job_id) REFERENCES job (id)
);
CREATE INDEX delivery_waiting ON delivery (next_attempt_at) WHERE status IN ('queued', 'sending');

CREATE TABLE "authorization" (
  id text NOT NULL,
  job_id text NOT NULL,
  status text NOT NULL DEFAULT 'pending',
  title text NOT NULL,
  reason text NOT NULL,
  causes text[] NOT NULL,
  facts jsonb NOT NULL,
  preview jsonb NOT NULL,
  moved jsonb NOT NULL DEFAULT '[]',
  digest text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  decided_by text,
  decided_by_name text,
  decided_at timestamptz,
  note text,
  upgrade_permission boolean NOT NULL DEFAULT false,
  scope jsonb,
  superseded_by text,
  CONSTRAINT authorization_pk PRIMARY KEY (id),
  CONSTRAINT authorization_status CHECK (status IN ('pending', 'authorized', 'denied', 'expired', 'withdrawn', 'superseded')),
  CONSTRAINT authorization_job_id_fk FOREIGN KEY (job_id) REFERENCES job (id)
);
CREATE INDEX authorization_job ON "authorization" (job_id);
CREATE INDEX authorization_pending ON "authorization" (expires_at) WHERE status = 'pending';
CREATE UNIQUE INDEX authorization_live ON "authorization" (job_id) WHERE status IN ('pending', 'authorized');

CREATE TABLE rule (
  id text NOT NULL,
  action text NOT NULL,
  principal text NOT NULL,
  principal_name text NOT NULL,
  causes text[] NOT NULL,
  scope jsonb NOT NULL DEFAULT '{}',
  uses integer NOT NULL DEFAULT 0,
  authorization_id text NOT NULL,
  created_by text NOT NULL,
  created_by_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  CONSTRAINT rule_pk PRIMARY KEY (id),
  CONSTRAINT rule_authorization_id_fk FOREIGN KEY (authorization_id) REFERENCES "authorization" (id)
);
CREATE INDEX rule_live ON rule (action, principal) WHERE revoked_at IS NULL;

-- Who narrowed or revoked a rule, and the rule before and after.
CREATE TABLE rule_change (
  id bigserial NOT NULL,
  rule_id text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  principal text NOT NULL,
  principal_kind text NOT NULL,
  principal_name text NOT NULL,
  before jsonb NOT NULL,
  after jsonb,
  CONSTRAINT rule_change_pk PRIMARY KEY (id),
  CONSTRAINT rule_change_rule_id_fk FOREIGN KEY (rule_id) REFERENCES rule (id)
);
CREATE INDEX rule_change_rule ON rule_change (rule_id);


-- ── People, tokens, security ────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE "user" (
  id text NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  password_hash text,
  active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT user_pk PRIMARY KEY (id),
  CONSTRAINT user_email_key UNIQUE (email),
  CONSTRAINT user_role CHECK (role IN ('owner', 'office', 'technician'))
);

CREATE TABLE session (
  token_hash text NOT NULL,
  user_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  CONSTRAINT session_pk PRIMARY KEY (token_hash),
  CONSTRAINT session_user_id_fk FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);
CREATE INDEX session_expiry ON session (expires_at);

-- One-time links with which a person chooses a password.
CREATE TABLE invitation (
  token_hash text NOT NULL,
  user_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  CONSTRAINT invitation_pk PRIMARY KEY (token_hash),
  CONSTRAINT invitation_user_id_fk FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);
CREATE INDEX invitation_user ON invitation (user_id);

CREATE TABLE api_token (
  id text NOT NULL,
  name text NOT NULL,
  token_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  CONSTRAINT api_token_pk PRIMARY KEY (id),
  CONSTRAINT api_token_token_hash_key UNIQUE (token_hash)
);

CREATE TABLE security_event (
  id bigserial NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  principal text NOT NULL,
  route text NOT NULL,
  reason text NOT NULL,
  ip text,
  CONSTRAINT security_event_pk PRIMARY KEY (id)
);
CREATE INDEX security_event_at ON security_event (at);


-- ── The business ────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE settings (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  business_name text NOT NULL,
  timezone text NOT NULL,
  currency text NOT NULL,
  working_hours jsonb NOT NULL,
  slot_minutes integer NOT NULL DEFAULT 30,
  travel_buffer_minutes integer NOT NULL DEFAULT 0,
  tax_bp integer NOT NULL DEFAULT 0,
  invoice_prefix text NOT NULL DEFAULT 'INV-',
  due_days integer NOT NULL DEFAULT 30,
  overdue_reminder_days integer[] NOT NULL DEFAULT '{1,7,14}',
  appointment_reminder_hours integer[] NOT NULL DEFAULT '{24}',
  quiet_hours jsonb,
  authorization_ttl_hours integer,
  CONSTRAINT settings_pk PRIMARY KEY (id),
  CONSTRAINT settings_single CHECK (id = 'settings')
);

CREATE TABLE webhook_endpoint (
  id text NOT NULL,
  url text NOT NULL,
  secret text NOT NULL,
  allow_private boolean NOT NULL DEFAULT false,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT webhook_endpoint_pk PRIMARY KEY (id),
  CONSTRAINT webhook_endpoint_single CHECK (id = 'webhook')
);

CREATE TABLE holiday (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  date date NOT NULL,
  name text NOT NULL,
  archived_at timestamptz,
  CONSTRAINT holiday_pk PRIMARY KEY (id)
);
CREATE UNIQUE INDEX holiday_date ON holiday (date) WHERE archived_at IS NULL;

CREATE TABLE technician (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  name text NOT NULL,
  skills text[] NOT NULL DEFAULT '{}',
  working_hours jsonb NOT NULL,
  time_off jsonb NOT NULL DEFAULT '[]',
  active boolean NOT NULL DEFAULT true,
  CONSTRAINT technician_pk PRIMARY KEY (id)
);

CREATE TABLE service (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  name text NOT NULL,
  description text,
  unit_price_cents bigint NOT NULL,
  duration_minutes integer NOT NULL DEFAULT 60,
  required_skill text,
  taxable boolean NOT NULL DEFAULT true,
  active boolean NOT NULL DEFAULT true,
  archived_at timestamptz,
  CONSTRAINT service_pk PRIMARY KEY (id),
  CONSTRAINT service_amounts CHECK (unit_price_cents >= 0 AND duration_minutes > 0)
);
CREATE INDEX service_name ON service (name);


-- ── Customers ───────────────────────────────────────────────────────────────────────────────────────────────────────

-- A merged duplicate is archived, points to the contact that remains, and is deleted with it: both are one person.
CREATE TABLE contact (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  kind text NOT NULL DEFAULT 'person',
  name text NOT NULL,
  company text,
  phones jsonb NOT NULL DEFAULT '[]',
  emails text[] NOT NULL DEFAULT '{}',
  preferred_channel text,
  do_not_contact boolean NOT NULL DEFAULT false,
  tags text[] NOT NULL DEFAULT '{}',
  notes text,
  source text,
  merged_into_id text,
  archived_at timestamptz,
  CONSTRAINT contact_pk PRIMARY KEY (id),
  CONSTRAINT contact_kind CHECK (kind IN ('person', 'company')),
  CONSTRAINT contact_merged CHECK (merged_into_id IS NULL OR (archived_at IS NOT NULL AND merged_into_id <> id)),
  CONSTRAINT contact_merged_into_id_fk FOREIGN KEY (merged_into_id) REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX contact_merged_into ON contact (merged_into_id) WHERE merged_into_id IS NOT NULL;
-- Duplicates by phone or e-mail. Without fastupdate, every lookup would also scan the pending list.
CREATE INDEX contact_phones ON contact USING gin (phones jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX contact_emails ON contact USING gin (emails) WITH (fastupdate = off);
-- One index for each sort order of a list, so that a page deep in the list costs as little as the first.
CREATE INDEX contact_by_created ON contact (created_at, id);
CREATE INDEX contact_by_updated ON contact (updated_at, id);
CREATE INDEX contact_by_name ON contact (lower(name), id);

CREATE TABLE address (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  contact_id text NOT NULL,
  kind text NOT NULL DEFAULT 'service',
  label text NOT NULL DEFAULT 'Home',
  lines text[] NOT NULL,
  city text,
  region text,
  postal_code text,
  country text NOT NULL DEFAULT 'US',
  access_notes text,
  CONSTRAINT address_pk PRIMARY KEY (id),
  CONSTRAINT address_kind CHECK (kind IN ('service', 'billing')),
  CONSTRAINT address_contact_id_fk FOREIGN KEY (contact_id) REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX address_contact ON address (contact_id);

CREATE TABLE lead (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  status text NOT NULL DEFAULT 'new',
  name text,
  phones jsonb NOT NULL DEFAULT '[]',
  emails text[] NOT NULL DEFAULT '{}',
  source text,
  urgency text NOT NULL DEFAULT 'medium',
  raw_notes text NOT NULL,
  extracted jsonb NOT NULL DEFAULT '{}',
  next_follow_up_at timestamptz,
  lost_reason text,
  customer_id text,
  converted_at timestamptz,
  CONSTRAINT lead_pk PRIMARY KEY (id),
  CONSTRAINT lead_status CHECK (status IN ('new', 'contacted', 'qualified', 'converted', 'lost', 'archived')),
  CONSTRAINT lead_urgency CHECK (urgency IN ('low', 'medium', 'high')),
  CONSTRAINT lead_converted_has_customer CHECK (status <> 'converted' OR customer_id IS NOT NULL),
  CONSTRAINT lead_customer_id_fk FOREIGN KEY (customer_id) REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX lead_customer ON lead (customer_id);
CREATE INDEX lead_next_follow_up ON lead (next_follow_up_at);

CREATE TABLE waitlist_entry (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  customer_id text NOT NULL,
  state text NOT NULL DEFAULT 'waiting',
  service_ids text[] NOT NULL DEFAULT '{}',
  days text[] NOT NULL DEFAULT '{}',
  times text[] NOT NULL DEFAULT '{}',
  until date,
  notes text,
  offered_start timestamptz,
  offered_at timestamptz,
  removed_reason text,
  CONSTRAINT waitlist_entry_pk PRIMARY KEY (id),
  CONSTRAINT waitlist_entry_state CHECK (state IN ('waiting', 'offered', 'removed')),
  CONSTRAINT waitlist_entry_customer_id_fk FOREIGN KEY (customer_id) REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX waitlist_entry_customer ON waitlist_entry (customer_id);

CREATE TABLE message (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  direction text NOT NULL,
  channel text NOT NULL,
  customer_id text NOT NULL,
  about_id text,
  template text,
  subject text,
  body text NOT NULL,
  "to" text,
  status text NOT NULL,
  scheduled_for timestamptz,
  sent_at timestamptz,
  provider_id text,
  error text,
  dedupe_key text,
  CONSTRAINT message_pk PRIMARY KEY (id),
  CONSTRAINT message_direction CHECK (direction IN ('outbound', 'inbound')),
  CONSTRAINT message_channel CHECK (channel IN ('email', 'sms', 'note')),
  CONSTRAINT message_status CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'cancelled', 'suppressed', 'not_sent', 'received')),
  CONSTRAINT message_received CHECK ((direction = 'inbound') = (status = 'received')),
  CONSTRAINT message_dedupe_key_key UNIQUE (dedupe_key),
  CONSTRAINT message_customer_id_fk FOREIGN KEY (customer_id) REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX message_customer ON message (customer_id);
CREATE INDEX message_about ON message (about_id) WHERE about_id IS NOT NULL;
CREATE INDEX message_created ON message (created_at, id);

CREATE TABLE template (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  name text NOT NULL,
  channel text NOT NULL,
  subject text,
  body text NOT NULL,
  archived_at timestamptz,
  CONSTRAINT template_pk PRIMARY KEY (id),
  CONSTRAINT template_name_key UNIQUE (name),
  CONSTRAINT template_channel CHECK (channel IN ('email', 'sms')),
  CONSTRAINT template_subject CHECK ((channel = 'email') = (subject IS NOT NULL))
);


-- ── Visits and invoices ─────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE ticket (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  number bigserial NOT NULL,
  customer_id text NOT NULL,
  address_id text,
  technician_id text,
  status text NOT NULL DEFAULT 'unscheduled',
  window_start timestamptz,
  window_end timestamptz,
  during tstzrange,
  duration_minutes integer NOT NULL DEFAULT 60,
  notes text,
  cancel_reason text,
  actual_start timestamptz,
  actual_end timestamptz,
  CONSTRAINT ticket_pk PRIMARY KEY (id),
  CONSTRAINT ticket_number_key UNIQUE (number),
  CONSTRAINT ticket_status CHECK (status IN ('unscheduled', 'scheduled', 'in_progress', 'completed', 'cancelled', 'no_show')),
  CONSTRAINT ticket_window CHECK (window_end IS NULL OR window_end > window_start),
  CONSTRAINT ticket_scheduled_has_technician CHECK (status <> 'scheduled' OR (technician_id IS NOT NULL AND during IS NOT NULL)),
  CONSTRAINT ticket_no_double_booking EXCLUDE USING gist (technician_id WITH =, during WITH &&) WHERE (status IN ('scheduled', 'in_progress')),
  CONSTRAINT ticket_customer_id_fk FOREIGN KEY (customer_id) REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ticket_address_id_fk FOREIGN KEY (address_id) REFERENCES address (id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ticket_technician_id_fk FOREIGN KEY (technician_id) REFERENCES technician (id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX ticket_customer ON ticket (customer_id);
CREATE INDEX ticket_address ON ticket (address_id);
CREATE INDEX ticket_technician ON ticket (technician_id);
CREATE INDEX ticket_window_start ON ticket (window_start);

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
  CONSTRAINT invoice_pk PRIMARY KEY (id),
  CONSTRAINT invoice_number_key UNIQUE (number),
  CONSTRAINT invoice_pay_token_key UNIQUE (pay_token),
  CONSTRAINT invoice_status CHECK (status IN ('draft', 'open', 'partially_paid', 'paid', 'uncollectible', 'void', 'partially_refunded', 'refunded')),
  CONSTRAINT invoice_draft CHECK (status <> 'draft' OR (customer_id IS NOT NULL AND number IS NULL AND paid_cents = 0)),
  CONSTRAINT invoice_finalized CHECK (status = 'draft' OR num_nulls(number, issue_date, due_date, customer_name, customer_address) = 0),
  CONSTRAINT invoice_dates CHECK (due_date >= issue_date),
  CONSTRAINT invoice_amounts CHECK (subtotal_cents >= 0 AND tax_cents >= 0 AND paid_cents >= 0 AND credited_cents >= 0 AND due_cents >= 0),
  CONSTRAINT invoice_total CHECK (subtotal_cents + tax_cents = total_cents),
  CONSTRAINT invoice_balance CHECK (paid_cents + credited_cents + due_cents = total_cents),
  CONSTRAINT invoice_customer_id_fk FOREIGN KEY (customer_id) REFERENCES contact (id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT invoice_ticket_id_fk FOREIGN KEY (ticket_id) REFERENCES ticket (id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX invoice_customer ON invoice (customer_id);
CREATE INDEX invoice_ticket ON invoice (ticket_id);
CREATE INDEX invoice_unpaid ON invoice (due_date) WHERE status IN ('open', 'partially_paid');

-- A line belongs either to a ticket or to an invoice.
CREATE TABLE line_item (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  ticket_id text,
  invoice_id text,
  service_id text,
  description text NOT NULL,
  quantity numeric(12,3) NOT NULL DEFAULT 1,
  unit_price_cents bigint NOT NULL,
  discount_cents bigint NOT NULL DEFAULT 0,
  tax_bp integer NOT NULL DEFAULT 0,
  total_cents bigint NOT NULL,
  CONSTRAINT line_item_pk PRIMARY KEY (id),
  CONSTRAINT line_item_owner CHECK (num_nonnulls(ticket_id, invoice_id) = 1),
  CONSTRAINT line_item_amounts CHECK (quantity > 0 AND unit_price_cents >= 0 AND discount_cents >= 0 AND total_cents >= 0),
  CONSTRAINT line_item_tax CHECK (tax_bp BETWEEN 0 AND 10000),
  CONSTRAINT line_item_ticket_id_fk FOREIGN KEY (ticket_id) REFERENCES ticket (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT line_item_invoice_id_fk FOREIGN KEY (invoice_id) REFERENCES invoice (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT line_item_service_id_fk FOREIGN KEY (service_id) REFERENCES service (id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX line_item_ticket ON line_item (ticket_id);
CREATE INDEX line_item_invoice ON line_item (invoice_id);
CREATE INDEX line_item_service ON line_item (service_id);


-- ── Custom attributes ───────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE attribute (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  entity text NOT NULL,
  key text NOT NULL,
  type text NOT NULL,
  description text,
  options text[] NOT NULL DEFAULT '{}',
  required boolean NOT NULL DEFAULT false,
  archived_at timestamptz,
  CONSTRAINT attribute_pk PRIMARY KEY (id),
  CONSTRAINT attribute_entity CHECK (entity IN ('contact', 'ticket', 'lead', 'service')),
  CONSTRAINT attribute_type CHECK (type IN ('text', 'number', 'boolean', 'date', 'select')),
  CONSTRAINT attribute_options CHECK ((type = 'select') = (options <> '{}'))
);
CREATE UNIQUE INDEX attribute_entity_key ON attribute (entity, key);

-- One foreign key for each kind of record, so that deleting a record deletes its values and undo restores both.
CREATE TABLE attribute_value (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  attribute_id text NOT NULL,
  type text NOT NULL,
  value jsonb NOT NULL,
  contact_id text,
  ticket_id text,
  lead_id text,
  service_id text,
  CONSTRAINT attribute_value_pk PRIMARY KEY (id),
  CONSTRAINT attribute_value_owner CHECK (num_nonnulls(contact_id, ticket_id, lead_id, service_id) = 1),
  CONSTRAINT attribute_value_type CHECK (jsonb_typeof(value) = CASE type WHEN 'number' THEN 'number' WHEN 'boolean' THEN 'boolean' ELSE 'string' END),
  CONSTRAINT attribute_value_attribute_id_fk FOREIGN KEY (attribute_id) REFERENCES attribute (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT attribute_value_contact_id_fk FOREIGN KEY (contact_id) REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT attribute_value_ticket_id_fk FOREIGN KEY (ticket_id) REFERENCES ticket (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT attribute_value_lead_id_fk FOREIGN KEY (lead_id) REFERENCES lead (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT attribute_value_service_id_fk FOREIGN KEY (service_id) REFERENCES service (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX attribute_value_value ON attribute_value (attribute_id, value);
CREATE UNIQUE INDEX attribute_value_contact ON attribute_value (contact_id, attribute_id) WHERE contact_id IS NOT NULL;
CREATE UNIQUE INDEX attribute_value_ticket ON attribute_value (ticket_id, attribute_id) WHERE ticket_id IS NOT NULL;
CREATE UNIQUE INDEX attribute_value_lead ON attribute_value (lead_id, attribute_id) WHERE lead_id IS NOT NULL;
CREATE UNIQUE INDEX attribute_value_service ON attribute_value (service_id, attribute_id) WHERE service_id IS NOT NULL;


-- When each schedule last ran; metrics and `countersign doctor` read it.
CREATE TABLE schedule_run (
  name text NOT NULL,
  last_started_at timestamptz NOT NULL,
  last_succeeded_at timestamptz,
  failures integer NOT NULL DEFAULT 0,
  last_error text,
  CONSTRAINT schedule_run_pk PRIMARY KEY (name)
);


-- ── Grants: guard_table() of 0002-guards adds those of the business records ─────────────────────────────────────────

GRANT SELECT, INSERT, UPDATE ON job, "authorization", rule, delivery, schedule_run TO countersign_app;
GRANT SELECT, INSERT ON rule_change, security_event TO countersign_app;
GRANT SELECT ON change TO countersign_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "user", session, api_token, webhook_endpoint TO countersign_app;
GRANT SELECT, INSERT, DELETE ON invitation TO countersign_app;
GRANT USAGE ON SEQUENCE ticket_number_seq, security_event_id_seq, rule_change_id_seq TO countersign_app;
