-- Refused attempts are counted: one row per caller, route, reason and minute. Strangers' rows go after 90 days.

-- Null in rows that were written one by one: a column that older rows must hold would break their seals.
ALTER TABLE security_event ADD COLUMN attempts integer;

-- A reason may end in the caller's own words, after a colon: those do not make another row.
CREATE UNIQUE INDEX security_event_minute
  ON security_event (principal, route, coalesce(ip, ''), split_part(reason, ': ', 1), (epoch_us(at) / 60000000))
  WHERE attempts IS NOT NULL;

-- A row is sealed two minutes after it was begun (0007-evidence). A clock that was set back must not lead here to one
-- that is sealed already.
CREATE FUNCTION count_attempt(of_principal text, of_route text, of_reason text, of_ip text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO security_event AS event (at, principal, route, reason, ip, attempts)
  VALUES (clock_timestamp(), of_principal, of_route, of_reason, of_ip, 1)
  ON CONFLICT (principal, route, coalesce(ip, ''), split_part(reason, ': ', 1), (epoch_us(at) / 60000000))
    WHERE attempts IS NOT NULL
  DO UPDATE SET attempts = event.attempts + 1
    WHERE NOT EXISTS (SELECT FROM sealed_row s WHERE s.table_name = 'security_event' AND s.row_id = event.id)
$$;

-- What the seals expect to go: strangers' rows after 90 days. Those without a seal wait for it.
CREATE FUNCTION forget_attempts() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM security_event e USING sealed_row s
  WHERE s.table_name = 'security_event' AND s.row_id = e.id AND s.expires_at < clock_timestamp()
$$;

REVOKE EXECUTE ON FUNCTION count_attempt(text, text, text, text), forget_attempts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_attempt(text, text, text, text), forget_attempts() TO countersign_app;
REVOKE INSERT ON security_event FROM countersign_app;
REVOKE USAGE ON SEQUENCE security_event_id_seq FROM countersign_app;
