-- Working hours and holidays bind every booking, unless somebody insists.
ALTER TABLE ticket ADD COLUMN outside_hours boolean NOT NULL DEFAULT false;
ALTER TABLE settings ADD COLUMN min_notice_minutes integer NOT NULL DEFAULT 0;
