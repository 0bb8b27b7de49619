-- A person may change a request before it is decided. The authorization then holds the changed data and who changed it;
-- the job keeps the data as it was sent.
ALTER TABLE "authorization"
  ADD COLUMN data jsonb,
  ADD COLUMN edited_by text,
  ADD COLUMN edited_by_kind text,
  ADD COLUMN edited_by_name text;

-- As in 0004-erase; an edit may name a record that the request did not.
CREATE OR REPLACE FUNCTION jobs_of_records(ids text[]) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT job_id FROM change WHERE record_id = ANY(ids)
  UNION SELECT id FROM job
  WHERE concat(input::text, error::text, reasoning) ~ ('(' || array_to_string(ids, '|') || ')')
  UNION SELECT job_id FROM "authorization"
  WHERE data IS NOT NULL AND data::text ~ ('(' || array_to_string(ids, '|') || ')');
$$;

-- As in 0007-evidence, and the changed data is emptied. erased_decision() must say what the trigger below writes.
CREATE OR REPLACE FUNCTION erased_decision(of_table text, decided jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog
RETURN CASE WHEN of_table <> 'authorization' OR decided IS NULL THEN decided ELSE decided || '{"title": "Erased",
  "reason": "Erased", "facts": {}, "moved": [], "note": null,
  "preview": {"changes": [], "messages": [], "money": []}}'
  || CASE WHEN coalesce(decided->'data', 'null') = 'null' THEN '{}' ELSE '{"data": {}}' END::jsonb END;

CREATE FUNCTION erase_edited_data() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF is_erasing(TG_RELID) THEN NEW.data := '{}'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER authorization_erased_data BEFORE UPDATE ON "authorization"
  FOR EACH ROW WHEN (OLD.data IS NOT NULL) EXECUTE FUNCTION erase_edited_data();
