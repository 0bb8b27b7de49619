-- Records, jobs and what people decided: the tables as the entities declare them.


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
  hits text array NOT NULL DEFAULT '{}',
  dispatches integer NOT NULL DEFAULT 0,
  starts integer NOT NULL DEFAULT 0,
  xid text,
  created_at timestamptz NOT NULL DEFAULT now(),
  dispatched_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  CONSTRAINT job_finished CHECK ((finished_at IS NULL) = (status IN ('queued', 'running', 'authorization_required'))),
  CONSTRAINT job_status CHECK (status IN ('queued', 'running', 'completed', 'failed', 'authorization_required', 'denied', 'expired', 'withdrawn')),
  CONSTRAINT job_pk PRIMARY KEY (id)
);
CREATE INDEX job_window ON job (finished_at) WHERE hits <> '{}';
CREATE INDEX job_waiting ON job (dispatched_at) WHERE status IN ('queued', 'running');
CREATE INDEX job_parked ON job (principal, digest) WHERE status = 'authorization_required';
CREATE INDEX job_by_principal ON job (principal, id);
CREATE UNIQUE INDEX job_idempotency ON job (principal, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE change (
  id BIGSERIAL NOT NULL,
  job_id text NOT NULL,
  table_name text NOT NULL,
  record_id text NOT NULL,
  operation text NOT NULL,
  before jsonb,
  after jsonb,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT change_pk PRIMARY KEY (id)
);
CREATE INDEX change_record ON change (table_name, record_id);
CREATE INDEX change_job ON change (job_id);

CREATE TABLE delivery (
  id text NOT NULL,
  job_id text NOT NULL,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  status text NOT NULL DEFAULT 'queued',
  attempts integer NOT NULL DEFAULT 0,
  error text,
  provider_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  CONSTRAINT delivery_status CHECK (status IN ('queued', 'sent', 'failed')),
  CONSTRAINT delivery_pk PRIMARY KEY (id)
);
CREATE INDEX delivery_waiting ON delivery (next_attempt_at) WHERE status = 'queued';

CREATE TABLE "authorization" (
  id text NOT NULL,
  job_id text NOT NULL,
  status text NOT NULL DEFAULT 'pending',
  title text NOT NULL,
  reason text NOT NULL,
  causes text array NOT NULL,
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
  CONSTRAINT authorization_status CHECK (status IN ('pending', 'authorized', 'denied', 'expired', 'withdrawn', 'superseded')),
  CONSTRAINT authorization_pk PRIMARY KEY (id)
);
CREATE INDEX authorization_job ON "authorization" (job_id);
CREATE INDEX authorization_pending ON "authorization" (expires_at) WHERE status = 'pending';
CREATE UNIQUE INDEX authorization_live ON "authorization" (job_id) WHERE status IN ('pending', 'authorized');

CREATE TABLE rule (
  id text NOT NULL,
  action text NOT NULL,
  principal text NOT NULL,
  principal_name text NOT NULL,
  causes text array NOT NULL,
  scope jsonb NOT NULL DEFAULT '{}',
  uses integer NOT NULL DEFAULT 0,
  authorization_id text NOT NULL,
  created_by text NOT NULL,
  created_by_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  CONSTRAINT rule_pk PRIMARY KEY (id)
);
CREATE INDEX rule_live ON rule (action, principal) WHERE revoked_at IS NULL;

CREATE TABLE contact (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  kind text NOT NULL DEFAULT 'person',
  name text NOT NULL,
  company text,
  phones jsonb NOT NULL DEFAULT '[]',
  emails text array NOT NULL DEFAULT '{}',
  preferred_channel text,
  do_not_contact boolean NOT NULL DEFAULT false,
  tags text array NOT NULL DEFAULT '{}',
  notes text,
  source text,
  merged_into_id text,
  archived_at timestamptz,
  CONSTRAINT contact_kind CHECK (kind IN ('person', 'company')),
  CONSTRAINT contact_pk PRIMARY KEY (id)
);

CREATE TABLE address (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  contact_id text NOT NULL,
  label text NOT NULL DEFAULT 'Home',
  lines text array NOT NULL,
  city text,
  region text,
  postal_code text,
  country text NOT NULL DEFAULT 'US',
  access_notes text,
  kind text NOT NULL DEFAULT 'service',
  CONSTRAINT address_kind CHECK (kind IN ('service', 'billing')),
  CONSTRAINT address_pk PRIMARY KEY (id)
);
CREATE INDEX address_contact ON address (contact_id);

CREATE TABLE technician (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  name text NOT NULL,
  skills text array NOT NULL DEFAULT '{}',
  working_hours jsonb NOT NULL,
  time_off jsonb NOT NULL DEFAULT '[]',
  active boolean NOT NULL DEFAULT true,
  CONSTRAINT technician_pk PRIMARY KEY (id)
);

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
  CONSTRAINT settings_single CHECK (id = 'settings'),
  CONSTRAINT settings_pk PRIMARY KEY (id)
);

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
  CONSTRAINT ticket_number_key UNIQUE (number),
  CONSTRAINT ticket_window CHECK (window_end IS NULL OR window_end > window_start),
  CONSTRAINT ticket_scheduled_has_technician CHECK (status <> 'scheduled' OR (technician_id IS NOT NULL AND during IS NOT NULL)),
  CONSTRAINT ticket_status CHECK (status IN ('unscheduled', 'scheduled', 'in_progress', 'completed', 'cancelled', 'no_show')),
  CONSTRAINT ticket_pk PRIMARY KEY (id)
);
CREATE INDEX ticket_window_start ON ticket (window_start);
CREATE INDEX ticket_technician ON ticket (technician_id);
CREATE INDEX ticket_address ON ticket (address_id);
CREATE INDEX ticket_customer ON ticket (customer_id);

CREATE TABLE line_item (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  ticket_id text NOT NULL,
  description text NOT NULL,
  quantity numeric(12,3) NOT NULL DEFAULT 1,
  unit_price_cents bigint NOT NULL,
  discount_cents bigint NOT NULL DEFAULT 0,
  tax_bp integer NOT NULL DEFAULT 0,
  total_cents bigint NOT NULL,
  CONSTRAINT line_item_tax CHECK (tax_bp BETWEEN 0 AND 10000),
  CONSTRAINT line_item_amounts CHECK (quantity > 0 AND unit_price_cents >= 0 AND discount_cents >= 0 AND total_cents >= 0),
  CONSTRAINT line_item_pk PRIMARY KEY (id)
);
CREATE INDEX line_item_ticket ON line_item (ticket_id);

CREATE TABLE "user" (
  id text NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  password_hash text NOT NULL,
  active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT user_email_key UNIQUE (email),
  CONSTRAINT user_role CHECK (role IN ('owner', 'office', 'technician')),
  CONSTRAINT user_pk PRIMARY KEY (id)
);

CREATE TABLE session (
  token_hash text NOT NULL,
  user_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  CONSTRAINT session_pk PRIMARY KEY (token_hash)
);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE api_token (
  id text NOT NULL,
  name text NOT NULL,
  token_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  CONSTRAINT api_token_token_hash_key UNIQUE (token_hash),
  CONSTRAINT api_token_pk PRIMARY KEY (id)
);

CREATE TABLE security_event (
  id BIGSERIAL NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  principal text NOT NULL,
  route text NOT NULL,
  reason text NOT NULL,
  ip text,
  CONSTRAINT security_event_pk PRIMARY KEY (id)
);
CREATE INDEX security_event_at ON security_event (at);

ALTER TABLE change
  ADD CONSTRAINT change_job_id_fk FOREIGN KEY (job_id) REFERENCES job(id);
ALTER TABLE delivery
  ADD CONSTRAINT delivery_job_id_fk FOREIGN KEY (job_id) REFERENCES job(id);
ALTER TABLE "authorization"
  ADD CONSTRAINT authorization_job_id_fk FOREIGN KEY (job_id) REFERENCES job(id);
ALTER TABLE rule
  ADD CONSTRAINT rule_authorization_id_fk FOREIGN KEY (authorization_id) REFERENCES "authorization"(id);
ALTER TABLE contact
  ADD CONSTRAINT contact_merged_into_id_fk FOREIGN KEY (merged_into_id) REFERENCES contact(id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE address
  ADD CONSTRAINT address_contact_id_fk FOREIGN KEY (contact_id) REFERENCES contact(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE ticket
  ADD CONSTRAINT ticket_customer_id_fk FOREIGN KEY (customer_id) REFERENCES contact(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE ticket
  ADD CONSTRAINT ticket_address_id_fk FOREIGN KEY (address_id) REFERENCES address(id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE ticket
  ADD CONSTRAINT ticket_technician_id_fk FOREIGN KEY (technician_id) REFERENCES technician(id) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE line_item
  ADD CONSTRAINT line_item_ticket_id_fk FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE session
  ADD CONSTRAINT session_user_id_fk FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;
