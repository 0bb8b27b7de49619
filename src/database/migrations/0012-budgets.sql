-- Budgets of agents: the limits on requests that wait for a person.

-- The records that the request names: at most three requests may wait for each record and action.
ALTER TABLE "authorization" ADD COLUMN records text[] NOT NULL DEFAULT '{}';

-- Further keys of a job: an equal request under another key gets the job that already waits for a person.
CREATE TABLE job_key (
  principal text NOT NULL,
  idempotency_key text NOT NULL,
  job_id text NOT NULL,
  CONSTRAINT job_key_pk PRIMARY KEY (principal, idempotency_key),
  CONSTRAINT job_key_job_id_fk FOREIGN KEY (job_id) REFERENCES job (id)
);
GRANT SELECT, INSERT ON job_key TO countersign_app;
