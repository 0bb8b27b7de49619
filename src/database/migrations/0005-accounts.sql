-- Accounts: agent tokens with unique names that expire, sessions that can be listed and end when idle, known devices
-- and the limits of the sign-in.


-- ── Agent tokens ────────────────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE api_token ADD COLUMN expires_at timestamptz;

-- Names are unique, also those of revoked tokens: the audit shows tokens by name.
UPDATE api_token AS later SET name = left(later.name, 60) || ' ' || later.id
WHERE EXISTS (SELECT FROM api_token earlier WHERE lower(earlier.name) = lower(later.name) AND earlier.id < later.id);
CREATE UNIQUE INDEX api_token_name ON api_token (lower(name));


-- ── Sessions ────────────────────────────────────────────────────────────────────────────────────────────────────────

-- Sessions from before have no id that may be shown; people sign in again.
DELETE FROM session;
ALTER TABLE session
  ADD COLUMN id text NOT NULL,
  ADD COLUMN last_seen_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN password_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN ip text,
  ADD COLUMN user_agent text,
  ADD CONSTRAINT session_id_key UNIQUE (id);
CREATE INDEX session_by_user ON session (user_id);


-- ── The sign-in ─────────────────────────────────────────────────────────────────────────────────────────────────────

-- Browsers in which a user has signed in before: their attempts are counted apart, so that a stranger's wrong passwords
-- do not lock the user out.
CREATE TABLE known_device (
  token_hash text NOT NULL,
  user_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  CONSTRAINT known_device_pk PRIMARY KEY (token_hash),
  CONSTRAINT known_device_user_id_fk FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE
);
CREATE INDEX known_device_user ON known_device (user_id);
CREATE INDEX known_device_expiry ON known_device (expires_at);

-- Password attempts by limit. The key is a hash: it contains e-mails and addresses of strangers.
CREATE TABLE attempt_count (
  key text NOT NULL,
  attempts integer NOT NULL,
  ends_at timestamptz NOT NULL,
  CONSTRAINT attempt_count_pk PRIMARY KEY (key)
);
CREATE INDEX attempt_count_end ON attempt_count (ends_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON known_device, attempt_count TO countersign_app;


-- ── Access that ends ────────────────────────────────────────────────────────────────────────────────────────────────

-- Tells every API process, on the channel that it listens to anyway, that a token or session has ended, whoever ended it.
CREATE FUNCTION notify_access_ended() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_notify('countersign_job', OLD.id);
  RETURN NULL;
END $$;
CREATE TRIGGER api_token_changed AFTER UPDATE OF revoked_at, expires_at ON api_token
  FOR EACH ROW EXECUTE FUNCTION notify_access_ended();
CREATE TRIGGER api_token_deleted AFTER DELETE ON api_token FOR EACH ROW EXECUTE FUNCTION notify_access_ended();
CREATE TRIGGER session_deleted AFTER DELETE ON session FOR EACH ROW EXECUTE FUNCTION notify_access_ended();


-- ── Decisions ───────────────────────────────────────────────────────────────────────────────────────────────────────

-- Whether the request takes something away: allowing it asks for the password again.
ALTER TABLE "authorization" ADD COLUMN destructive boolean NOT NULL DEFAULT false;
