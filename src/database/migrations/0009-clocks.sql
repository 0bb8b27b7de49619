-- A job that ends closes its open authorization, whoever ends it and however. Otherwise people would be asked about a job
-- that can no longer run. Jobs that were never parked have no authorization, so the trigger does not fire for them.

CREATE FUNCTION close_authorization() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE "authorization" SET status = CASE NEW.status WHEN 'expired' THEN 'expired' ELSE 'withdrawn' END
  WHERE job_id = NEW.id AND status = 'pending';
  RETURN NULL;
END $$;
CREATE TRIGGER job_closes_authorization AFTER UPDATE ON job
  FOR EACH ROW WHEN (OLD.status = 'authorization_required' AND NEW.finished_at IS NOT NULL)
  EXECUTE FUNCTION close_authorization();

UPDATE "authorization" SET status = 'withdrawn' FROM job
WHERE job.id = job_id AND job.finished_at IS NOT NULL AND "authorization".status = 'pending';
