-- Export and erasure of the personal data of one customer: in the records, the recorded changes, the jobs and the
-- authorizations. Dates, amounts and states remain, and finalized invoices as they are.

-- The tables with personal data. A row belongs to the customer if one of its `owners`, columns with ids, does; those
-- tables come first. `blank` has the values of the erased columns; without it the row is deleted. migrate() fills this
-- table from src/entities/personal.ts.
CREATE TABLE personal_data (
  place integer GENERATED ALWAYS AS IDENTITY,
  table_name text NOT NULL,
  owners text[] NOT NULL,
  blank jsonb,
  CONSTRAINT personal_data_pk PRIMARY KEY (table_name)
);
GRANT SELECT ON personal_data TO countersign_app;

-- Every record that belongs or belonged to the customer or to a contact merged into it. `lives`: not deleted.
CREATE FUNCTION records_of_contact(contact_id text)
RETURNS TABLE (table_name text, record_id text, lives boolean)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  ids text[] := ARRAY[contact_id];
  known personal_data;
BEGIN
  IF NOT EXISTS (SELECT FROM contact c WHERE c.id = contact_id)
    AND NOT EXISTS (SELECT FROM change c WHERE c.table_name = 'contact' AND c.record_id = contact_id)
  THEN RETURN; END IF;
  FOR known IN SELECT * FROM personal_data ORDER BY place LOOP
    FOR table_name, record_id, lives IN EXECUTE format(
      'SELECT %1$L, t.id, true FROM %1$I t WHERE %2$s OR t.id = ANY($1)
       UNION SELECT %1$L, c.record_id, false FROM change c
       WHERE c.table_name = %1$L AND (%3$s OR c.record_id = ANY($1)) AND NOT EXISTS (SELECT FROM %1$I t WHERE t.id = c.record_id)',
      known.table_name,
      (SELECT string_agg(format('t.%I = ANY($1)', one), ' OR ') FROM unnest(known.owners) one),
      (SELECT string_agg(format('c.before->>%1$L = ANY($1) OR c.after->>%1$L = ANY($1)', one), ' OR ') FROM unnest(known.owners) one)
    ) USING ids LOOP
      ids := ids || record_id;
      RETURN NEXT;
    END LOOP;
  END LOOP;
END $$;

-- Jobs that changed one of these records or contain its id.
CREATE FUNCTION jobs_of_records(ids text[]) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT job_id FROM change WHERE record_id = ANY(ids)
  UNION SELECT id FROM job
  WHERE concat(input::text, error::text, reasoning) ~ ('(' || array_to_string(ids, '|') || ')');
$$;

-- Finished jobs without changes that contain the name, an e-mail or a phone: a refused create, for example, has no id.
CREATE FUNCTION failed_jobs_about(contact_id text) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  WITH image AS (
    SELECT before AS row FROM change WHERE table_name = 'contact' AND record_id = contact_id
    UNION ALL SELECT after FROM change WHERE table_name = 'contact' AND record_id = contact_id
    UNION ALL SELECT to_jsonb(c) FROM contact c WHERE c.id = contact_id
  ), word AS (
    SELECT to_json(row->>'name')::text AS word FROM image
    UNION SELECT lower(email) FROM image, jsonb_array_elements_text(row->'emails') email
  ), digits AS (
    SELECT right(regexp_replace(phone->>'number', '\D', '', 'g'), 10) AS digits
    FROM image, jsonb_array_elements(row->'phones') phone
  )
  SELECT id FROM job j WHERE finished_at IS NOT NULL AND NOT EXISTS (SELECT FROM change WHERE job_id = j.id) AND (
    EXISTS (SELECT FROM word WHERE strpos(lower(concat(j.input::text, j.reasoning)), lower(word)) > 0)
    OR EXISTS (SELECT FROM digits WHERE length(digits) >= 7
      AND strpos(regexp_replace(j.input::text, '\D', '', 'g'), digits) > 0));
$$;
REVOKE EXECUTE ON FUNCTION failed_jobs_about(text) FROM PUBLIC;

-- The values of a payload that are ids: {"id": "contact_…"}.
CREATE FUNCTION only_ids(payload jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN CASE WHEN payload IS NOT NULL THEN (
  SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(CASE jsonb_typeof(payload) WHEN 'object' THEN payload ELSE '{}' END)
  WHERE value #>> '{}' ~ '^[a-z_]+_[0-7][0-9a-hjkmnp-tv-z]{25}$') END;

-- Why the customer with these records cannot be erased now; null if nothing prevents it.
CREATE FUNCTION erasure_obstacle(contact_id text, records text[]) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  found text;
BEGIN
  IF records = '{}' THEN RETURN format('There is no contact %s, and there never was.', contact_id); END IF;
  SELECT merged_into_id INTO found FROM contact WHERE id = contact_id AND merged_into_id IS NOT NULL;
  IF found IS NOT NULL THEN RETURN format('This contact was merged into another one: erase %s instead.', found); END IF;
  SELECT string_agg(id, ', ') INTO found FROM ticket
  WHERE id = ANY(records) AND status IN ('unscheduled', 'scheduled', 'in_progress');
  IF found IS NOT NULL THEN RETURN format('The customer has open visits: cancel or complete %s first.', found); END IF;
  SELECT string_agg(id, ', ') INTO found FROM message WHERE id = ANY(records) AND status IN ('queued', 'sending');
  IF found IS NOT NULL THEN RETURN format('Messages to the customer are still queued: cancel %s, or wait until they are sent.', found); END IF;
  SELECT string_agg(id, ', ') INTO found FROM invoice WHERE id = ANY(records) AND status = 'draft';
  IF found IS NOT NULL THEN RETURN format('The customer has draft invoices: delete or finalize %s first.', found); END IF;
  SELECT string_agg(id, ', ') INTO found FROM job
  WHERE finished_at IS NULL AND concat(input::text, reasoning) ~ ('(' || array_to_string(records, '|') || ')');
  IF found IS NOT NULL THEN
    RETURN format('Requests about the customer are still open: decide or withdraw %s first.', found);
  END IF;
  RETURN NULL;
END $$;

-- Erases one customer as a job of its own and returns the number of erased jobs. Only the owner of the tables may.
CREATE FUNCTION erase_contact(contact_id text, job_id text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  records text[];
  jobs text[];
  words text[];
  refused text;
  known personal_data;
BEGIN
  PERFORM FROM contact WHERE id = contact_id FOR UPDATE; -- Additions to the customer wait.
  records := ARRAY(SELECT record_id FROM records_of_contact(contact_id));
  refused := erasure_obstacle(contact_id, records);
  IF refused IS NOT NULL THEN RAISE EXCEPTION '%', refused USING ERRCODE = 'CS003'; END IF;
  jobs := ARRAY(SELECT jobs_of_records(records) UNION SELECT failed_jobs_about(contact_id));

  INSERT INTO job (id, action, input, digest, principal, principal_kind, principal_name, status, xid, started_at, level)
  VALUES (erase_contact.job_id, 'contact.erase', jsonb_build_object('id', contact_id), erase_contact.job_id,
    'system:erase', 'system', 'erase', 'running', pg_current_xact_id()::text, clock_timestamp(), 'requires_authorization');
  PERFORM set_config('countersign.job_id', erase_contact.job_id, true);
  PERFORM set_config('countersign.erasing', 'on', true);

  words := ARRAY(
    SELECT unnest(tsvector_to_array(s.words)) FROM contact_search s WHERE s.contact_id = ANY(records)
    UNION SELECT unnest(tsvector_to_array(search_words(concat(c.before::text, ' ', c.after::text)))) FROM change c
      WHERE c.record_id = ANY(records));

  FOR known IN SELECT * FROM personal_data ORDER BY place DESC LOOP
    IF known.blank IS NULL THEN
      EXECUTE format('DELETE FROM %I WHERE id = ANY($1)', known.table_name) USING records;
    ELSE
      EXECUTE format('UPDATE %1$I t SET (%2$s, version, updated_at) =
          (SELECT %2$s, t.version + 1, now() FROM jsonb_populate_record(t, $2)) WHERE id = ANY($1)',
        known.table_name, (SELECT string_agg(quote_ident(key), ', ') FROM jsonb_object_keys(known.blank) key))
        USING records, known.blank;
    END IF;
  END LOOP;
  UPDATE contact SET archived_at = now() WHERE id = ANY(records) AND archived_at IS NULL;
  -- Words that only this customer had leave the vocabulary.
  DELETE FROM search_word w WHERE w.word = ANY(words)
    AND NOT EXISTS (SELECT FROM contact_search s WHERE s.words @@ quote_literal(w.word)::tsquery);

  UPDATE change c SET before = before || blank, after = after || blank
  FROM (SELECT p.table_name, coalesce(p.blank, '{"value": null}') AS blank FROM personal_data p) p
  WHERE c.table_name = p.table_name AND c.record_id = ANY(records);
  UPDATE "authorization" a SET title = 'Erased', reason = 'Erased', facts = '{}', moved = '[]', note = NULL,
    preview = '{"changes": [], "messages": [], "money": []}' WHERE a.job_id = ANY(jobs);
  UPDATE delivery d SET payload = only_ids(payload), error = NULL
  WHERE d.job_id = ANY(jobs) AND d.kind <> 'webhook';
  UPDATE job SET input = only_ids(input), result = only_ids(result), reasoning = NULL, erased_at = clock_timestamp(),
    error = CASE WHEN error IS NOT NULL THEN
      error - ARRAY['candidates', 'difference'] || '{"message": "Erased.", "fields": [], "hint": null}' END
  WHERE id = ANY(jobs);

  UPDATE job SET status = 'completed', finished_at = clock_timestamp(),
    result = jsonb_build_object('id', contact_id, 'records', cardinality(records), 'jobs', cardinality(jobs))
  WHERE id = erase_contact.job_id;
  INSERT INTO security_event (principal, route, reason)
  VALUES ('system:erase', 'countersign erase ' || contact_id, 'the personal data of a customer was erased, ' || erase_contact.job_id);
  PERFORM set_config('countersign.erasing', '', true);
  RETURN cardinality(jobs);
END $$;
REVOKE EXECUTE ON FUNCTION erase_contact(text, text) FROM PUBLIC;
