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
  CONSTRAINT service_amounts CHECK (unit_price_cents >= 0 AND duration_minutes > 0),
  CONSTRAINT service_pk PRIMARY KEY (id)
);
CREATE INDEX service_name ON service (name);

ALTER TABLE line_item ADD service_id text,
  ADD CONSTRAINT line_item_service_id_fk FOREIGN KEY (service_id) REFERENCES service(id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE;
CREATE INDEX line_item_service ON line_item (service_id);

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
  CONSTRAINT lead_status CHECK (status IN ('new', 'contacted', 'qualified', 'converted', 'lost', 'archived')),
  CONSTRAINT lead_urgency CHECK (urgency IN ('low', 'medium', 'high')),
  CONSTRAINT lead_converted_has_customer CHECK (status <> 'converted' OR customer_id IS NOT NULL),
  CONSTRAINT lead_customer_id_fk FOREIGN KEY (customer_id) REFERENCES contact(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT lead_pk PRIMARY KEY (id)
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
  CONSTRAINT waitlist_entry_state CHECK (state IN ('waiting', 'offered', 'removed')),
  CONSTRAINT waitlist_entry_customer_id_fk FOREIGN KEY (customer_id) REFERENCES contact(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT waitlist_entry_pk PRIMARY KEY (id)
);
CREATE INDEX waitlist_entry_customer ON waitlist_entry (customer_id);

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
  CONSTRAINT attribute_entity CHECK (entity IN ('contact', 'ticket', 'lead', 'service')),
  CONSTRAINT attribute_type CHECK (type IN ('text', 'number', 'boolean', 'date', 'select')),
  CONSTRAINT attribute_options CHECK ((type = 'select') = (options <> '{}')),
  CONSTRAINT attribute_pk PRIMARY KEY (id)
);
CREATE UNIQUE INDEX attribute_entity_key ON attribute (entity, key);

-- One foreign key for each kind of record: whoever deletes a record deletes its values, and undo brings both back.
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
  CONSTRAINT attribute_value_owner CHECK (num_nonnulls(contact_id, ticket_id, lead_id, service_id) = 1),
  CONSTRAINT attribute_value_type CHECK (jsonb_typeof(value) = CASE type WHEN 'number' THEN 'number' WHEN 'boolean' THEN 'boolean' ELSE 'string' END),
  CONSTRAINT attribute_value_attribute_id_fk FOREIGN KEY (attribute_id) REFERENCES attribute(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT attribute_value_contact_id_fk FOREIGN KEY (contact_id) REFERENCES contact(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT attribute_value_ticket_id_fk FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT attribute_value_lead_id_fk FOREIGN KEY (lead_id) REFERENCES lead(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT attribute_value_service_id_fk FOREIGN KEY (service_id) REFERENCES service(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT attribute_value_pk PRIMARY KEY (id)
);
CREATE INDEX attribute_value_value ON attribute_value (attribute_id, value);
CREATE UNIQUE INDEX attribute_value_contact ON attribute_value (contact_id, attribute_id) WHERE contact_id IS NOT NULL;
CREATE UNIQUE INDEX attribute_value_ticket ON attribute_value (ticket_id, attribute_id) WHERE ticket_id IS NOT NULL;
CREATE UNIQUE INDEX attribute_value_lead ON attribute_value (lead_id, attribute_id) WHERE lead_id IS NOT NULL;
CREATE UNIQUE INDEX attribute_value_service ON attribute_value (service_id, attribute_id) WHERE service_id IS NOT NULL;

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
  CONSTRAINT template_name_key UNIQUE (name),
  CONSTRAINT template_channel CHECK (channel IN ('email', 'sms')),
  CONSTRAINT template_subject CHECK ((channel = 'email') = (subject IS NOT NULL)),
  CONSTRAINT template_pk PRIMARY KEY (id)
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

ALTER TABLE settings
  ADD invoice_prefix text NOT NULL DEFAULT 'INV-',
  ADD due_days integer NOT NULL DEFAULT 30,
  ADD overdue_reminder_days integer[] NOT NULL DEFAULT '{1,7,14}',
  ADD appointment_reminder_hours integer[] NOT NULL DEFAULT '{24}',
  ADD quiet_hours jsonb,
  ADD authorization_ttl_hours integer;

ALTER TABLE "user" ALTER password_hash DROP NOT NULL;

CALL guard_table('service');
CALL guard_table('lead');
CALL guard_table('waitlist_entry');
CALL guard_table('attribute');
CALL guard_table('attribute_value');
CALL guard_table('template');
CALL guard_table('holiday');
