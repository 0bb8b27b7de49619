-- What the database itself keeps, whatever the application does: no business record changes without a job that this
-- very transaction has claimed, every change is recorded, final states stay final, no technician is in two places.

-- The application's role: what it may touch is granted by name, everything else is refused.
DO $$ BEGIN
  CREATE ROLE countersign_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- Roles belong to the cluster, other databases share it.
END $$;
GRANT countersign_app TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO countersign_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "user", session, api_token TO countersign_app;
GRANT SELECT, INSERT, UPDATE ON job, "authorization", rule, delivery TO countersign_app;
GRANT SELECT, INSERT ON security_event TO countersign_app;
GRANT SELECT ON change TO countersign_app;
GRANT USAGE ON SEQUENCE ticket_number_seq, security_event_id_seq TO countersign_app;

CREATE FUNCTION record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  claimed text := current_setting('countersign.job_id', true);
BEGIN
  IF NOT EXISTS (SELECT FROM job WHERE id = claimed AND xid = pg_current_xact_id()::text AND finished_at IS NULL) THEN
    RAISE EXCEPTION 'a % row changes only inside a job that this transaction has claimed', TG_TABLE_NAME
      USING ERRCODE = 'CS001', HINT = 'Submit an action; workers execute it.';
  END IF;
  INSERT INTO change (job_id, table_name, record_id, operation, before, after)
  VALUES (claimed, TG_TABLE_NAME, CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END, lower(TG_OP),
    CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
    CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION record_change() FROM PUBLIC; -- Else a temporary table with this trigger could forge changes.

CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is never truncated', TG_TABLE_NAME USING ERRCODE = 'CS001';
END $$;

CREATE FUNCTION keep_final_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'job % has ended as %; that is final', OLD.id, OLD.status USING ERRCODE = 'CS002';
END $$;

CREATE FUNCTION keep_final_authorization() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changing text[] := ARRAY['status', 'superseded_by'];
BEGIN
  IF OLD.status = 'authorized' AND NEW.status = 'superseded'
    AND to_jsonb(OLD) - changing = to_jsonb(NEW) - changing -- The decision, and what it was about, stay on the row.
    AND EXISTS (SELECT FROM job WHERE id = OLD.job_id AND finished_at IS NULL)
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'authorization % is already %', OLD.id, OLD.status USING ERRCODE = 'CS002';
END $$;

CREATE TRIGGER job_final BEFORE UPDATE ON job
  FOR EACH ROW WHEN (OLD.finished_at IS NOT NULL) EXECUTE FUNCTION keep_final_job();
CREATE TRIGGER authorization_final BEFORE UPDATE ON "authorization"
  FOR EACH ROW WHEN (OLD.status <> 'pending') EXECUTE FUNCTION keep_final_authorization();

-- Puts a table under guard: its rows change only inside a claimed job, and every change is recorded.
CREATE PROCEDURE guard_table(name text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION record_change()',
    name || '_change', name);
  EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()',
    name || '_truncate', name);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO countersign_app', name);
END $$;

CALL guard_table('contact');
CALL guard_table('address');
CALL guard_table('ticket');
CALL guard_table('line_item');
CALL guard_table('technician');
CALL guard_table('settings');

CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE ticket ADD CONSTRAINT ticket_no_double_booking
  EXCLUDE USING gist (technician_id WITH =, during WITH &&) WHERE (status IN ('scheduled', 'in_progress'));
