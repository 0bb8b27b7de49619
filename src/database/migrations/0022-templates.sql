-- A template has a text for each channel, so that one name serves e-mail and SMS.
ALTER TABLE template
  DROP CONSTRAINT template_name_key,
  ADD CONSTRAINT template_name_channel_key UNIQUE (name, channel);

-- Customers are promised an arrival within this many minutes after the start. 0: they are told the start itself.
ALTER TABLE settings ADD COLUMN arrival_window_minutes integer NOT NULL DEFAULT 0;
