-- A visit that was moved is cancelled and has a successor, which names it here. A visit has one successor at most.
ALTER TABLE ticket
  ADD COLUMN rescheduled_from_id text,
  ADD CONSTRAINT ticket_rescheduled_from_id_key UNIQUE (rescheduled_from_id),
  ADD CONSTRAINT ticket_rescheduled_from_id_fk FOREIGN KEY (rescheduled_from_id) REFERENCES ticket (id) ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE;

-- Every booking locks the customer's search entry, which an insert of a visit writes, before technicians. A move chooses
-- the technician before it inserts, so it takes that lock first: otherwise the two would wait for each other.
CREATE FUNCTION lock_contact_search(id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT FROM contact_search WHERE contact_id = id FOR UPDATE
$$;
REVOKE EXECUTE ON FUNCTION lock_contact_search(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_contact_search(text) TO countersign_app;
