-- A completed job says what really happened: a message that could not be sent was not sent.
ALTER TABLE job ADD COLUMN outcome text;
