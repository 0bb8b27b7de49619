-- Links for customers: one for each visit, to confirm it or to ask for another time, and one for each entry of the
-- waitlist, to take an offered time.
CREATE FUNCTION new_token() RETURNS text LANGUAGE sql VOLATILE -- 122 random bits
RETURN replace(gen_random_uuid()::text, '-', '');

ALTER TABLE ticket
  ADD COLUMN visit_token text NOT NULL DEFAULT new_token(),
  ADD COLUMN confirmed_at timestamptz,
  ADD COLUMN change_requested_at timestamptz,
  ADD CONSTRAINT ticket_visit_token_key UNIQUE (visit_token);

ALTER TABLE waitlist_entry
  ADD COLUMN address_id text,
  ADD COLUMN duration_minutes integer,
  ADD COLUMN ticket_id text,
  ADD COLUMN offered_technician_id text,
  ADD COLUMN offered_outside_hours boolean NOT NULL DEFAULT false,
  ADD COLUMN offer_ends_at timestamptz,
  ADD COLUMN offer_token text NOT NULL DEFAULT new_token(),
  ADD COLUMN booked_ticket_id text,
  DROP CONSTRAINT waitlist_entry_state,
  ADD CONSTRAINT waitlist_entry_state CHECK (state IN ('waiting', 'offered', 'booked', 'removed')),
  ADD CONSTRAINT waitlist_entry_offer_token_key UNIQUE (offer_token),
  ADD CONSTRAINT waitlist_entry_address_id_fk FOREIGN KEY (address_id) REFERENCES address (id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE,
  ADD CONSTRAINT waitlist_entry_ticket_id_fk FOREIGN KEY (ticket_id) REFERENCES ticket (id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE,
  ADD CONSTRAINT waitlist_entry_offered_technician_id_fk FOREIGN KEY (offered_technician_id) REFERENCES technician (id) DEFERRABLE INITIALLY IMMEDIATE,
  ADD CONSTRAINT waitlist_entry_booked_ticket_id_fk FOREIGN KEY (booked_ticket_id) REFERENCES ticket (id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE;
CREATE INDEX waitlist_entry_address ON waitlist_entry (address_id);
CREATE INDEX waitlist_entry_ticket ON waitlist_entry (ticket_id);
CREATE INDEX waitlist_entry_booked_ticket ON waitlist_entry (booked_ticket_id);
CREATE INDEX waitlist_entry_offered ON waitlist_entry (offer_ends_at) WHERE state = 'offered';

ALTER TABLE settings ADD COLUMN offer_hours integer NOT NULL DEFAULT 4;
