-- Dates and times may be said in words. The country says whether the month or the day comes first.
ALTER TABLE settings
  ADD COLUMN country text NOT NULL DEFAULT 'US',
  ADD COLUMN day_parts jsonb NOT NULL DEFAULT
    '{"morning": {"from": "08:00", "to": "12:00"}, "afternoon": {"from": "12:00", "to": "17:00"}, "evening": {"from": "17:00", "to": "20:00"}}';
-- What the words of a request meant when it was accepted, by the field's name.
ALTER TABLE job ADD COLUMN understood jsonb;
