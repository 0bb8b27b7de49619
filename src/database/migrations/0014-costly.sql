-- Agents' dry runs and requests for many records: only so many of one token may be unfinished (AGENT_COSTLY).
ALTER TABLE job ADD COLUMN costly boolean NOT NULL DEFAULT false;
CREATE INDEX job_costly ON job (principal) WHERE costly AND status IN ('queued', 'running');
