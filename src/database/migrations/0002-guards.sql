-- What the database enforces even if the application has a bug: business records change only inside a claimed job, every
-- change is recorded, final states are final, and webhook events are part of the transaction they report.


-- ── Business records ────────────────────────────────────────────────────────────────────────────────────────────────

-- Refuses a write outside a job that this transaction has claimed (job.xid), and records the row before and after.
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
-- Otherwise a temporary table with this trigger could forge changes.
REVOKE EXECUTE ON FUNCTION record_change() FROM PUBLIC;

CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is never truncated', TG_TABLE_NAME USING ERRCODE = 'CS001';
END $$;

CREATE PROCEDURE guard_table(name text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION record_change()',
    name || '_change', name);
  EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()',
    name || '_truncate', name);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO countersign_app', name);
END $$;

CALL guard_table('settings');
CALL guard_table('holiday');
CALL guard_table('technician');
CALL guard_table('service');
CALL guard_table('contact');
CALL guard_table('address');
CALL guard_table('lead');
CALL guard_table('waitlist_entry');
CALL guard_table('message');
CALL guard_table('template');
CALL guard_table('ticket');
CALL guard_table('invoice');
CALL guard_table('line_item');
CALL guard_table('attribute');
CALL guard_table('attribute_value');


-- ── Final jobs and authorizations ───────────────────────────────────────────────────────────────────────────────────

-- True inside erase_contact() (0004-erase): only there may the owner of a table empty a final row, and never its state.
CREATE FUNCTION is_erasing(relation oid) RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp
RETURN coalesce(current_setting('countersign.erasing', true), '') = 'on'
  AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = relation);

CREATE FUNCTION protect_final_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_erasing(TG_RELID) AND (NEW.status, NEW.finished_at) = (OLD.status, OLD.finished_at) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'job % has ended as %; that is final', OLD.id, OLD.status USING ERRCODE = 'CS002';
END $$;
CREATE TRIGGER job_final BEFORE UPDATE ON job
  FOR EACH ROW WHEN (OLD.finished_at IS NOT NULL) EXECUTE FUNCTION protect_final_job();

-- The only later change: an authorized request whose preview has changed is superseded while its job is open. The
-- decision and the preview it was based on remain on the row.
CREATE FUNCTION protect_final_authorization() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changing text[] := ARRAY['status', 'superseded_by'];
BEGIN
  IF OLD.status = 'authorized' AND NEW.status = 'superseded'
    AND to_jsonb(OLD) - changing = to_jsonb(NEW) - changing
    AND EXISTS (SELECT FROM job WHERE id = OLD.job_id AND finished_at IS NULL)
  THEN
    RETURN NEW;
  END IF;
  IF is_erasing(TG_RELID) AND (NEW.status, NEW.digest) = (OLD.status, OLD.digest) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'authorization % is already %', OLD.id, OLD.status USING ERRCODE = 'CS002';
END $$;
CREATE TRIGGER authorization_final BEFORE UPDATE ON "authorization"
  FOR EACH ROW WHEN (OLD.status <> 'pending') EXECUTE FUNCTION protect_final_authorization();


-- ── Webhook events ──────────────────────────────────────────────────────────────────────────────────────────────────

-- Writes the event in the transaction that it reports: no event is lost, and none reports what was rolled back. The
-- id names the event, so a second write of the same event does nothing.
CREATE FUNCTION queue_webhook_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  event text := CASE
    WHEN TG_TABLE_NAME = 'job' THEN 'job.finished'
    WHEN TG_OP = 'INSERT' THEN 'authorization.created'
    WHEN NEW.status IN ('authorized', 'denied') THEN 'authorization.decided'
    ELSE 'authorization.' || NEW.status END;
  about text;
BEGIN
  IF NOT EXISTS (SELECT FROM webhook_endpoint) THEN RETURN NULL; END IF;
  IF TG_TABLE_NAME = 'job' THEN about := NEW.id; ELSE about := NEW.job_id; END IF;
  INSERT INTO delivery (id, job_id, kind, payload)
  VALUES (NEW.id || '.' || split_part(event, '.', 2), about, 'webhook',
    jsonb_build_object('event', event, 'id', NEW.id, 'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

-- No events for the jobs in which deliveries record their results, and none for the demo.
CREATE TRIGGER job_webhook AFTER UPDATE ON job
  FOR EACH ROW WHEN (OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
    AND NEW.principal NOT IN ('system:deliveries', 'system:demo'))
  EXECUTE FUNCTION queue_webhook_event();
CREATE TRIGGER authorization_created_webhook AFTER INSERT ON "authorization"
  FOR EACH ROW EXECUTE FUNCTION queue_webhook_event();
CREATE TRIGGER authorization_changed_webhook AFTER UPDATE ON "authorization"
  FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION queue_webhook_event();
