-- What goes with a message: [{"kind": "visit_calendar", "name": "visit.ics"}]. Rendered when it is sent.
ALTER TABLE message ADD COLUMN attachments jsonb NOT NULL DEFAULT '[]';

-- The link of a technician's calendar feed. Only the hash of its secret is stored; a new link takes the place of the old.
CREATE TABLE calendar_link (
  technician_id text NOT NULL,
  token_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT calendar_link_pk PRIMARY KEY (technician_id),
  CONSTRAINT calendar_link_token_hash_key UNIQUE (token_hash),
  CONSTRAINT calendar_link_technician_id_fk FOREIGN KEY (technician_id) REFERENCES technician (id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE
);
GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_link TO countersign_app;
