-- Evidence: what is in `change`, `decision`, `security_event` and `erasure` is sealed soon after it was written. A seal
-- lists the hashes of all rows up to an id and contains the hash of the seal before it, so the newest hash (the head)
-- stands for everything. `countersign verify` (src/data/evidence) compares. It repeats the expressions of this file,
-- because the owner of the tables, against whom it is meant, can replace functions.
--
-- Nothing is chained in the transaction that writes: that would be one lock for all jobs.


-- ── Personal data that was stored and is not needed ─────────────────────────────────────────────────────────────────

-- Keys of messages are only compared, and callers put names and numbers into them: now their hash is stored.
CREATE FUNCTION pg_temp.with_hashed_key(image jsonb) RETURNS jsonb LANGUAGE sql
RETURN CASE WHEN image->>'dedupe_key' IS NULL THEN image ELSE image || jsonb_build_object('dedupe_key',
  encode(sha256(convert_to(image->>'dedupe_key', 'UTF8')), 'hex')) END;
ALTER TABLE message DISABLE TRIGGER USER;
UPDATE message SET dedupe_key = encode(sha256(convert_to(dedupe_key, 'UTF8')), 'hex') WHERE dedupe_key IS NOT NULL;
ALTER TABLE message ENABLE TRIGGER USER;
UPDATE change SET before = pg_temp.with_hashed_key(before), after = pg_temp.with_hashed_key(after) WHERE table_name = 'message';

-- Refused attempts now have the name of the route instead of the path, which has ids and whatever the caller wrote.
UPDATE security_event SET route = split_part(route, ' ', 1) || ' /…' WHERE principal <> 'system:erase';
UPDATE security_event SET route = 'countersign erase' WHERE principal = 'system:erase';


-- ── What a hash covers ──────────────────────────────────────────────────────────────────────────────────────────────

-- Independent of the session's time zone.
CREATE FUNCTION epoch_us(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN (extract(epoch FROM at) * 1000000)::bigint;

-- The random salt is deleted with the data that it hides: otherwise a phone number could be guessed from its hash.
CREATE FUNCTION salted_hash(salt uuid, content text) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN sha256(convert_to(coalesce(salt::text, '') || content, 'UTF8'));

-- A row without its empty columns, so that a later migration may add a column, if the column is nullable.
CREATE FUNCTION filled_columns(whole jsonb) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog
RETURN (SELECT jsonb_object_agg(key, value)::text FROM jsonb_each(whole) WHERE value <> 'null');

ALTER TABLE change ADD COLUMN salt uuid, ADD COLUMN hash bytea;

CREATE FUNCTION change_text(
  id bigint, job_id text, table_name text, record_id text, operation text, at timestamptz, before jsonb, after jsonb
) RETURNS text LANGUAGE sql STABLE
RETURN jsonb_build_array(id, job_id, table_name, record_id, operation, epoch_us(at))::text
  || coalesce(before::text, 'null') || coalesce(after::text, 'null');

UPDATE change c SET salt = fresh.salt,
  hash = salted_hash(fresh.salt, change_text(c.id, c.job_id, c.table_name, c.record_id, c.operation, c.at, c.before, c.after))
FROM (SELECT id, gen_random_uuid() AS salt FROM change) fresh WHERE fresh.id = c.id;
ALTER TABLE change ALTER COLUMN hash SET NOT NULL;

-- As in 0002-guards, with salt and hash. The id is taken inside the INSERT, which locks the table first: seal_table()
-- counts on it.
CREATE OR REPLACE FUNCTION record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  claimed text := current_setting('countersign.job_id', true);
  record_id text := CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END;
  before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
  IF NOT EXISTS (SELECT FROM job WHERE id = claimed AND xid = pg_current_xact_id()::text AND finished_at IS NULL) THEN
    RAISE EXCEPTION 'a % row changes only inside a job that this transaction has claimed', TG_TABLE_NAME
      USING ERRCODE = 'CS001', HINT = 'Submit an action; workers execute it.';
  END IF;
  INSERT INTO change (id, job_id, table_name, record_id, operation, before, after, at, salt, hash)
  SELECT f.id, claimed, TG_TABLE_NAME, record_id, lower(TG_OP), before, after, f.at, f.salt,
    salted_hash(f.salt, change_text(f.id, claimed, TG_TABLE_NAME, record_id, lower(TG_OP), f.at, before, after))
  FROM (SELECT nextval('change_id_seq') AS id, clock_timestamp() AS at, gen_random_uuid() AS salt OFFSET 0) f;
  RETURN NULL;
END $$;


-- ── Decisions ───────────────────────────────────────────────────────────────────────────────────────────────────────

-- One row for each end of an authorization, each rule and each change of a rule. The hash covers the decided row as well.
CREATE TABLE decision (
  id bigserial NOT NULL,
  table_name text NOT NULL,
  record_id text NOT NULL,
  status text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  salt uuid,
  hash bytea NOT NULL,
  CONSTRAINT decision_pk PRIMARY KEY (id)
);
CREATE INDEX decision_record ON decision (table_name, record_id);

-- The columns that never change again, or only in an erasure. UTC: to_jsonb() writes times in the session's time zone.
CREATE FUNCTION decided_row(table_name text, record_id text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp SET timezone = 'UTC'
RETURN CASE table_name
  WHEN 'authorization' THEN (SELECT to_jsonb(a) - ARRAY['status', 'superseded_by'] FROM "authorization" a WHERE a.id = record_id)
  WHEN 'rule' THEN (SELECT jsonb_build_object('id', r.id, 'action', r.action, 'principal', r.principal,
      'principal_name', r.principal_name, 'causes', r.causes, 'authorization_id', r.authorization_id,
      'created_by', r.created_by, 'created_by_name', r.created_by_name, 'created_at', r.created_at)
    FROM rule r WHERE r.id = record_id)
  WHEN 'rule_change' THEN (SELECT to_jsonb(c) FROM rule_change c WHERE c.id::text = record_id) END;

CREATE FUNCTION decision_text(id bigint, table_name text, record_id text, status text, at timestamptz, decided jsonb)
RETURNS text LANGUAGE sql STABLE SET search_path = public, pg_temp
RETURN jsonb_build_array(id, table_name, record_id, status, epoch_us(at))::text || coalesce(filled_columns(decided), 'null');

CREATE FUNCTION write_decision(table_name text, record_id text, status text) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS $$
  INSERT INTO decision (id, table_name, record_id, status, at, salt, hash)
  SELECT f.id, $1, $2, $3, f.at, f.salt,
    salted_hash(f.salt, decision_text(f.id, $1, $2, $3, f.at, decided_row($1, $2)))
  FROM (SELECT nextval('decision_id_seq') AS id, clock_timestamp() AS at, gen_random_uuid() AS salt OFFSET 0) f
$$;
REVOKE EXECUTE ON FUNCTION write_decision(text, text, text) FROM PUBLIC;

CREATE FUNCTION record_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM write_decision(TG_TABLE_NAME, NEW.id::text, CASE TG_TABLE_NAME
    WHEN 'authorization' THEN to_jsonb(NEW)->>'status'
    WHEN 'rule' THEN 'created'
    ELSE CASE WHEN to_jsonb(NEW)->'after' = 'null' THEN 'revoked' ELSE 'narrowed' END END);
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION record_decision() FROM PUBLIC;

CREATE TRIGGER authorization_decision AFTER UPDATE ON "authorization"
  FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION record_decision();
CREATE TRIGGER authorization_decided AFTER INSERT ON "authorization"
  FOR EACH ROW WHEN (NEW.status <> 'pending') EXECUTE FUNCTION record_decision();
CREATE TRIGGER rule_decision AFTER INSERT ON rule FOR EACH ROW EXECUTE FUNCTION record_decision();
CREATE TRIGGER rule_change_decision AFTER INSERT ON rule_change FOR EACH ROW EXECUTE FUNCTION record_decision();

SELECT write_decision('authorization', id, status) FROM "authorization" WHERE status <> 'pending' ORDER BY id;
SELECT write_decision('rule', id, 'created') FROM rule ORDER BY id;
SELECT write_decision('rule_change', id::text, CASE WHEN after IS NULL THEN 'revoked' ELSE 'narrowed' END)
FROM rule_change ORDER BY id;


-- ── Seals ───────────────────────────────────────────────────────────────────────────────────────────────────────────

-- Covers all rows with after_id < id <= last_id. `began_at`: every row was written after the `began_at` of the seal before.
CREATE TABLE seal (
  id bigint NOT NULL,
  table_name text NOT NULL,
  after_id bigint NOT NULL,
  last_id bigint NOT NULL,
  row_count integer NOT NULL,
  began_at timestamptz NOT NULL,
  sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  rows_hash bytea NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT seal_pk PRIMARY KEY (id),
  CONSTRAINT seal_table_name_last_id_key UNIQUE (table_name, last_id)
);

-- `whole` is the hash of the row as it was written, `redacted` that of what an erasure leaves of it: so an erased row is
-- still compared. From `expires_at` on, the row may be removed.
CREATE TABLE sealed_row (
  table_name text NOT NULL,
  row_id bigint NOT NULL,
  whole bytea NOT NULL,
  redacted bytea NOT NULL,
  expires_at timestamptz,
  CONSTRAINT sealed_row_pk PRIMARY KEY (table_name, row_id)
);

-- The next seal of a table: up to which row, and the transactions that may still write below it.
CREATE TABLE seal_mark (
  table_name text NOT NULL,
  last_id bigint NOT NULL,
  began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  writers text[],
  CONSTRAINT seal_mark_pk PRIMARY KEY (table_name)
);

-- Which rows an erasure changed after they were sealed.
CREATE TABLE erasure (
  id bigserial NOT NULL,
  job_id text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  changes bigint[] NOT NULL,
  decisions bigint[] NOT NULL,
  CONSTRAINT erasure_pk PRIMARY KEY (id),
  CONSTRAINT erasure_job_id_fk FOREIGN KEY (job_id) REFERENCES job (id)
);

-- Which owner was sent which head.
CREATE TABLE head_mail (
  id bigserial NOT NULL,
  user_id text NOT NULL,
  hash bytea NOT NULL,
  sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT head_mail_pk PRIMARY KEY (id),
  CONSTRAINT head_mail_user_id_fk FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);
CREATE INDEX head_mail_user ON head_mail (user_id, sent_at);

GRANT SELECT ON decision, seal, sealed_row, erasure TO countersign_app;
GRANT SELECT, INSERT ON head_mail TO countersign_app;
GRANT USAGE ON SEQUENCE head_mail_id_seq TO countersign_app;

-- The image of a record after an erasure: only columns that it has.
CREATE FUNCTION erased_image(of_table text, image jsonb) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp
RETURN image || coalesce((SELECT jsonb_object_agg(key, value)
  FROM personal_data p, jsonb_each(coalesce(p.blank, '{"value": null}'))
  WHERE p.table_name = of_table AND image ? key), '{}');

-- The decided row after an erasure. erase_contact() writes these values.
CREATE FUNCTION erased_decision(of_table text, decided jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog
RETURN CASE WHEN of_table <> 'authorization' OR decided IS NULL THEN decided ELSE decided || '{"title": "Erased",
  "reason": "Erased", "facts": {}, "moved": [], "note": null,
  "preview": {"changes": [], "messages": [], "money": []}}' END;

-- The rows of a range with their hashes. `valid`: as their trigger wrote them.
CREATE FUNCTION rows_to_seal(evidence text, after_id bigint, last_id bigint)
RETURNS TABLE (row_id bigint, valid boolean, whole bytea, redacted bytea, expires_at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
  CASE evidence
  WHEN 'change' THEN RETURN QUERY
    SELECT c.id, c.salt IS NOT NULL AND c.hash = salted_hash(c.salt,
        change_text(c.id, c.job_id, c.table_name, c.record_id, c.operation, c.at, c.before, c.after)),
      c.hash, salted_hash(NULL, change_text(c.id, c.job_id, c.table_name, c.record_id, c.operation, c.at,
        erased_image(c.table_name, c.before), erased_image(c.table_name, c.after))), NULL::timestamptz
    FROM change c WHERE c.id > after_id AND c.id <= last_id;
  WHEN 'decision' THEN RETURN QUERY
    SELECT d.id, d.salt IS NOT NULL AND d.hash = salted_hash(d.salt,
        decision_text(d.id, d.table_name, d.record_id, d.status, d.at, decided)),
      d.hash, salted_hash(NULL, decision_text(d.id, d.table_name, d.record_id, d.status, d.at,
        erased_decision(d.table_name, decided))), NULL::timestamptz
    FROM decision d, decided_row(d.table_name, d.record_id) decided WHERE d.id > after_id AND d.id <= last_id;
  WHEN 'security_event' THEN RETURN QUERY
    SELECT e.id, true, h, h, CASE WHEN e.principal = 'anonymous' THEN e.at + interval '90 days' END
    FROM security_event e, salted_hash(NULL, filled_columns(to_jsonb(e))) h WHERE e.id > after_id AND e.id <= last_id;
  WHEN 'erasure' THEN RETURN QUERY
    SELECT e.id, true, h, h, NULL::timestamptz
    FROM erasure e, salted_hash(NULL, filled_columns(to_jsonb(e))) h WHERE e.id > after_id AND e.id <= last_id;
  END CASE;
END $$;

-- Transactions that have written to the table, or are about to.
CREATE FUNCTION table_writers(evidence text) RETURNS SETOF text
LANGUAGE sql VOLATILE SET search_path = pg_catalog AS $$
  SELECT virtualtransaction FROM pg_locks
  WHERE locktype = 'relation' AND relation = format('public.%I', evidence)::regclass AND mode = 'RowExclusiveLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND pid IS DISTINCT FROM pg_backend_pid()
$$;

-- The next mark of a table, if its rows are settled: a row takes its id inside an INSERT that has locked the table. So
-- once the transactions that held this lock after `last_id` was read have ended, no row with a lower id can appear.
-- Security events are counted for a minute, and settle after two. Null: nothing to seal, or not yet.
CREATE FUNCTION settled_mark(evidence text, after_id bigint) RETURNS seal_mark
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  mark seal_mark;
  newest bigint;
BEGIN
  SELECT * INTO mark FROM seal_mark m WHERE m.table_name = evidence;
  IF NOT FOUND THEN
    EXECUTE format('SELECT last_value FROM %I WHERE is_called', evidence || '_id_seq') INTO newest;
    IF coalesce(newest, 0) <= after_id THEN RETURN NULL; END IF;
    INSERT INTO seal_mark (table_name, last_id) VALUES (evidence, newest) RETURNING * INTO mark;
  END IF;
  IF mark.writers IS NULL THEN
    IF evidence = 'security_event' AND mark.began_at > clock_timestamp() - interval '2 minutes' THEN RETURN NULL; END IF;
    mark.writers := ARRAY(SELECT table_writers(evidence));
    UPDATE seal_mark m SET writers = mark.writers WHERE m.table_name = evidence;
  END IF;
  IF EXISTS (SELECT FROM table_writers(evidence) writer WHERE writer = ANY(mark.writers)) THEN RETURN NULL; END IF;
  RETURN mark;
END $$;

-- Seals up to 10,000 rows of one table. Returns whether more are settled.
CREATE FUNCTION seal_table(evidence text) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  mark seal_mark;
  fresh seal;
BEGIN
  fresh.table_name := evidence;
  fresh.after_id := coalesce((SELECT max(s.last_id) FROM seal s WHERE s.table_name = evidence), 0);
  mark := settled_mark(evidence, fresh.after_id);
  IF mark IS NULL THEN RETURN false; END IF;
  EXECUTE format('SELECT id FROM %I WHERE id > $1 AND id <= $2 ORDER BY id OFFSET 9999 LIMIT 1', evidence)
    INTO fresh.last_id USING fresh.after_id, mark.last_id;
  fresh.last_id := coalesce(fresh.last_id, mark.last_id);

  -- A row that is not as its trigger wrote it stays without a seal, and is found.
  INSERT INTO sealed_row (table_name, row_id, whole, redacted, expires_at)
  SELECT evidence, r.row_id, r.whole, r.redacted, r.expires_at
  FROM rows_to_seal(evidence, fresh.after_id, fresh.last_id) r WHERE r.valid;

  SELECT count(*), sha256(coalesce(string_agg(int8send(row_id) || whole || redacted
    || int8send(coalesce(epoch_us(expires_at), 0)), '' ORDER BY row_id), '')) INTO fresh.row_count, fresh.rows_hash
  FROM sealed_row r WHERE r.table_name = evidence AND r.row_id > fresh.after_id AND r.row_id <= fresh.last_id;
  SELECT id, hash INTO fresh.id, fresh.previous FROM seal ORDER BY id DESC LIMIT 1;
  fresh.id := coalesce(fresh.id, 0) + 1;
  fresh.previous := coalesce(fresh.previous, '');
  fresh.began_at := mark.began_at;
  fresh.sealed_at := clock_timestamp();
  fresh.hash := sha256(convert_to(jsonb_build_array(fresh.id, evidence, fresh.after_id, fresh.last_id, fresh.row_count,
    epoch_us(fresh.began_at), epoch_us(fresh.sealed_at), encode(fresh.rows_hash, 'hex'),
    encode(fresh.previous, 'hex'))::text, 'UTF8'));
  INSERT INTO seal SELECT fresh.*;
  IF fresh.last_id < mark.last_id THEN RETURN true; END IF;
  DELETE FROM seal_mark m WHERE m.table_name = evidence;
  RETURN false;
END $$;

-- Seals what is settled, 10,000 rows of each table at a time. Returns whether to call it again at once. The lock keeps
-- erase_contact() apart.
CREATE FUNCTION seal_evidence() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  evidence text;
  more boolean := false;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'seal_evidence() must see what ended while it waits: call it in READ COMMITTED';
  END IF;
  IF NOT pg_try_advisory_xact_lock(hashtext('countersign.seal')) THEN RETURN false; END IF;
  FOREACH evidence IN ARRAY ARRAY['change', 'decision', 'security_event', 'erasure'] LOOP
    more := seal_table(evidence) OR more;
  END LOOP;
  RETURN more;
END $$;
REVOKE EXECUTE ON FUNCTION seal_table(text), settled_mark(text, bigint), seal_evidence() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seal_evidence() TO countersign_app;


-- ── Erasure ─────────────────────────────────────────────────────────────────────────────────────────────────────────

-- Rows that were sealed lose their salt and keep their hash, and `erasure` lists them. Others are hashed again.
CREATE FUNCTION record_erasure(erase_job text, records text[], jobs text[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  changes bigint[];
  decisions bigint[];
BEGIN
  WITH erased AS (
    SELECT c.id, gen_random_uuid() AS salt, EXISTS (SELECT FROM sealed_row WHERE table_name = 'change' AND row_id = c.id) AS sealed
    FROM change c WHERE c.record_id = ANY(records) AND c.table_name IN (SELECT table_name FROM personal_data)
  ), written AS (
    UPDATE change c SET salt = CASE WHEN NOT e.sealed THEN e.salt END, hash = CASE WHEN e.sealed THEN c.hash ELSE
      salted_hash(e.salt, change_text(c.id, c.job_id, c.table_name, c.record_id, c.operation, c.at, c.before, c.after)) END
    FROM erased e WHERE e.id = c.id RETURNING c.id, e.sealed
  )
  SELECT coalesce(array_agg(id ORDER BY id) FILTER (WHERE sealed), '{}') INTO changes FROM written;
  WITH erased AS (
    SELECT d.id, gen_random_uuid() AS salt, EXISTS (SELECT FROM sealed_row WHERE table_name = 'decision' AND row_id = d.id) AS sealed
    FROM decision d JOIN "authorization" a ON a.id = d.record_id
    WHERE d.table_name = 'authorization' AND a.job_id = ANY(jobs)
  ), written AS (
    UPDATE decision d SET salt = CASE WHEN NOT e.sealed THEN e.salt END, hash = CASE WHEN e.sealed THEN d.hash ELSE
      salted_hash(e.salt, decision_text(d.id, d.table_name, d.record_id, d.status, d.at, decided_row(d.table_name, d.record_id))) END
    FROM erased e WHERE e.id = d.id RETURNING d.id, e.sealed
  )
  SELECT coalesce(array_agg(id ORDER BY id) FILTER (WHERE sealed), '{}') INTO decisions FROM written;
  INSERT INTO erasure (job_id, changes, decisions) VALUES (erase_job, changes, decisions);
END $$;
REVOKE EXECUTE ON FUNCTION record_erasure(text, text[], text[]) FROM PUBLIC;

-- As in 0004-erase; what is sealed stays comparable. The lock keeps seal_evidence() apart.
CREATE OR REPLACE FUNCTION erase_contact(contact_id text, job_id text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  records text[];
  jobs text[];
  words text[];
  refused text;
  known personal_data;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('countersign.seal'));
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

  UPDATE change c SET before = erased_image(c.table_name, c.before), after = erased_image(c.table_name, c.after)
  WHERE c.record_id = ANY(records) AND c.table_name IN (SELECT table_name FROM personal_data);
  UPDATE "authorization" a SET (title, reason, facts, moved, note, preview) =
    (SELECT e.title, e.reason, e.facts, e.moved, e.note, e.preview
      FROM jsonb_populate_record(a, erased_decision('authorization', '{}')) e)
  WHERE a.job_id = ANY(jobs);
  PERFORM record_erasure(erase_contact.job_id, records, jobs);
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
  VALUES ('system:erase', 'countersign erase', 'the personal data of a customer was erased, ' || erase_contact.job_id);
  PERFORM set_config('countersign.erasing', '', true);
  RETURN cardinality(jobs);
END $$;
