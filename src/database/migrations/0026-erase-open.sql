-- As in 0004-erase. A recurring plan would book visits for the erased customer, and a request that a person has changed
-- may name a record that it did not name before.
CREATE OR REPLACE FUNCTION erasure_obstacle(contact_id text, records text[]) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  named text := '(' || array_to_string(records, '|') || ')';
  found text;
BEGIN
  IF records = '{}' THEN RETURN format('There is no contact %s, and there never was.', contact_id); END IF;
  SELECT merged_into_id INTO found FROM contact WHERE id = contact_id AND merged_into_id IS NOT NULL;
  IF found IS NOT NULL THEN RETURN format('This contact was merged into another one: erase %s instead.', found); END IF;
  SELECT string_agg(id, ', ') INTO found FROM plan WHERE id = ANY(records) AND state <> 'ended';
  IF found IS NOT NULL THEN RETURN format('The customer has recurring visits: end %s first.', found); END IF;
  SELECT string_agg(id, ', ') INTO found FROM ticket
  WHERE id = ANY(records) AND status IN ('unscheduled', 'scheduled', 'in_progress');
  IF found IS NOT NULL THEN RETURN format('The customer has open visits: cancel or complete %s first.', found); END IF;
  SELECT string_agg(id, ', ') INTO found FROM message WHERE id = ANY(records) AND status IN ('queued', 'sending');
  IF found IS NOT NULL THEN RETURN format('Messages to the customer are still queued: cancel %s, or wait until they are sent.', found); END IF;
  SELECT string_agg(id, ', ') INTO found FROM invoice WHERE id = ANY(records) AND status = 'draft';
  IF found IS NOT NULL THEN RETURN format('The customer has draft invoices: delete or finalize %s first.', found); END IF;
  SELECT string_agg(j.id, ', ') INTO found FROM job j LEFT JOIN "authorization" a
    ON a.job_id = j.id AND a.status IN ('pending', 'authorized')
  WHERE j.finished_at IS NULL AND concat(j.input::text, j.reasoning, a.data::text) ~ named;
  IF found IS NOT NULL THEN
    RETURN format('Requests about the customer are still open: decide or withdraw %s first.', found);
  END IF;
  RETURN NULL;
END $$;
