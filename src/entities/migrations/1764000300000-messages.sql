-- Messages, what carries them out, and the owner's webhook.

CREATE TABLE message (
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  direction text NOT NULL,
  channel text NOT NULL,
  customer_id text NOT NULL,
  about_id text,
  template text,
  subject text,
  body text NOT NULL,
  "to" text,
  status text NOT NULL,
  scheduled_for timestamptz,
  sent_at timestamptz,
  provider_id text,
  error text,
  dedupe_key text,
  CONSTRAINT message_channel CHECK (channel IN ('email', 'sms', 'note')),
  CONSTRAINT message_status CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'cancelled', 'suppressed', 'not_sent', 'received')),
  CONSTRAINT message_direction CHECK (direction IN ('outbound', 'inbound')),
  CONSTRAINT message_received CHECK ((direction = 'inbound') = (status = 'received')),
  CONSTRAINT message_dedupe_key_key UNIQUE (dedupe_key),
  CONSTRAINT message_pk PRIMARY KEY (id)
);
CREATE INDEX message_customer ON message (customer_id);
CREATE INDEX message_about ON message (about_id) WHERE about_id IS NOT NULL;
CREATE INDEX message_created ON message (created_at, id);
ALTER TABLE message
  ADD CONSTRAINT message_customer_id_fk FOREIGN KEY (customer_id) REFERENCES contact(id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE;

CALL guard_table('message');

ALTER TABLE delivery
  DROP CONSTRAINT delivery_status,
  ADD CONSTRAINT delivery_status CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'cancelled')),
  ADD dispatches integer NOT NULL DEFAULT 0,
  ADD dispatched_at timestamptz;
DROP INDEX delivery_waiting;
CREATE INDEX delivery_waiting ON delivery (next_attempt_at) WHERE status IN ('queued', 'sending');

CREATE TABLE webhook_endpoint (
  id text NOT NULL,
  url text NOT NULL,
  secret text NOT NULL,
  allow_private boolean NOT NULL DEFAULT false,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT webhook_endpoint_single CHECK (id = 'webhook'),
  CONSTRAINT webhook_endpoint_pk PRIMARY KEY (id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoint TO countersign_app;

-- What the owner is told is written in the transaction that it is about: none is lost, none is told of what was rolled
-- back. Each event has one id, so it is written once. The outbox's own jobs are nobody's news.
CREATE FUNCTION tell_webhook() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER job_webhook AFTER UPDATE ON job
  FOR EACH ROW WHEN (OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL AND NEW.principal <> 'system:deliveries')
  EXECUTE FUNCTION tell_webhook();
CREATE TRIGGER authorization_asked_webhook AFTER INSERT ON "authorization"
  FOR EACH ROW EXECUTE FUNCTION tell_webhook();
CREATE TRIGGER authorization_webhook AFTER UPDATE ON "authorization"
  FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION tell_webhook();
