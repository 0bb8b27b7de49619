-- Recurring visits. A plan's visits name it and the date of the plan that they stand for, each date once.
CREATE TABLE plan (
  id text NOT NULL,
  customer_id text NOT NULL,
  address_id text,
  technician_id text,
  state text NOT NULL DEFAULT 'active',
  first_day date NOT NULL,
  local_time text NOT NULL,
  duration_minutes integer NOT NULL,
  rule text NOT NULL,
  repeats text NOT NULL,
  ends_on date,
  exceptions text[] NOT NULL DEFAULT '{}',
  line_items jsonb NOT NULL DEFAULT '[]',
  notes text,
  state_reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  CONSTRAINT plan_pk PRIMARY KEY (id),
  CONSTRAINT plan_state CHECK (state IN ('active', 'paused', 'ended')),
  CONSTRAINT plan_customer_id_fk FOREIGN KEY (customer_id) REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT plan_address_id_fk FOREIGN KEY (address_id) REFERENCES address (id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT plan_technician_id_fk FOREIGN KEY (technician_id) REFERENCES technician (id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX plan_customer ON plan (customer_id);
CREATE INDEX plan_address ON plan (address_id);
CREATE INDEX plan_technician ON plan (technician_id);
CALL guard_table('plan');

-- planned_start: when the plan wanted the visit. A visit that begins at another time was moved, and stays moved.
ALTER TABLE ticket
  ADD COLUMN plan_id text,
  ADD COLUMN plan_date date,
  ADD COLUMN planned_start timestamptz,
  ADD COLUMN needs_time_reason text,
  ADD CONSTRAINT ticket_plan_date_key UNIQUE (plan_id, plan_date),
  ADD CONSTRAINT ticket_plan_id_fk FOREIGN KEY (plan_id) REFERENCES plan (id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE;

ALTER TABLE settings ADD COLUMN plan_horizon_days integer NOT NULL DEFAULT 35;
