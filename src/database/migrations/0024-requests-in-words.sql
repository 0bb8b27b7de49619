-- SHA-256 over action, data and dry_run as they were sent, of a request in words: `tomorrow` has another digest each day,
-- but with an idempotency key it is the same request.
ALTER TABLE job ADD COLUMN sent_digest text;
ALTER TABLE job_key ADD COLUMN sent_digest text;
