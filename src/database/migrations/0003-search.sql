-- Customer search: SymSpell for misspelled words plus weighted full text. Triggers derive two tables from the business
-- records; `countersign reindex` rebuilds them.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;


-- ── Tables and indexes ──────────────────────────────────────────────────────────────────────────────────────────────

-- One document per contact. `words`: weight A name and company, B addresses, C notes and tags, D visits; no weight:
-- e-mails. A word of the name is also there as ~word and a word of the town as @word, so that people called Madison
-- are found among all who live there, and residents of Madison rank above Madison Street. # marks contacts with visits.
-- `digits`: all phone numbers, digits only.
--
-- Partitioned, because a GIN scan collects every match before it returns the first, and a common word matches a tenth
-- of all contacts. With partitions, a search ends with the first ones that have enough.
CREATE TABLE contact_search (
  contact_id text NOT NULL,
  words tsvector NOT NULL,
  digits text NOT NULL,
  CONSTRAINT contact_search_pk PRIMARY KEY (contact_id)
) PARTITION BY HASH (contact_id);

DO $$ BEGIN
  FOR part IN 0..7 LOOP
    EXECUTE format('CREATE TABLE contact_search_%s PARTITION OF contact_search FOR VALUES WITH (MODULUS 8, REMAINDER %1$s)', part);
  END LOOP;
END $$;

-- The vocabulary. Without a unique key, two transactions that add the same new word do not wait for each other, so a
-- word may have several rows.
CREATE TABLE search_word (word text COLLATE "C" NOT NULL);

GRANT SELECT ON contact_search, search_word TO countersign_app;

-- The keys of SymSpell: the word, and the word with one letter deleted, or two if it is longer than five letters. Words
-- that share a key are one or two edits apart, swapped letters included. An index finds them; comparing trigrams reads
-- thousands of words.
CREATE FUNCTION deletion_variants(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
  SELECT word
  UNION SELECT overlay(word PLACING '' FROM i FOR 1) FROM generate_series(1, length(word)) i
  UNION SELECT overlay(overlay(word PLACING '' FROM j FOR 1) PLACING '' FROM i FOR 1)
    FROM generate_series(1, length(word)) i, generate_series(i + 1, length(word)) j WHERE length(word) > 5);

-- A short pending list: most writes do not touch the tree, and a search has little to scan besides it.
CREATE PROCEDURE create_search_indexes() LANGUAGE sql AS $$
  CREATE INDEX contact_search_words ON contact_search USING gin (words) WITH (gin_pending_list_limit = 64);
  CREATE INDEX contact_search_digits ON contact_search USING gin (digits gin_trgm_ops) WITH (gin_pending_list_limit = 64);
  CREATE INDEX search_word_variants ON search_word USING gin (deletion_variants(word)) WITH (gin_pending_list_limit = 256);
  CREATE INDEX search_word_word ON search_word (word);
$$;
CREATE PROCEDURE drop_search_indexes() LANGUAGE sql AS $$
  DROP INDEX contact_search_words, contact_search_digits, search_word_variants, search_word_word;
$$;
CALL create_search_indexes();
-- A partition without statistics is planned as if it had ten pages.
ANALYZE contact_search;


-- ── The document of a contact ───────────────────────────────────────────────────────────────────────────────────────

-- Words without accents, capitals and punctuation; O'Brien is one word.
CREATE FUNCTION search_words(written text) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_tsvector('simple',
  translate(lower(unaccent(coalesce(written, ''))), '!"#$%&()*+,-./:;<=>?@[\]^_{|}~''`', repeat(' ', 30)));

-- Includes the names and numbers of contacts merged into this one, and its last fifty visits.
CREATE FUNCTION contact_document(contact_id text, OUT words tsvector, OUT digits text) LANGUAGE plpgsql STABLE AS $$
DECLARE
  one contact;
  named text := '';
  noted text := '';
  emails text[] := '{}';
  names tsvector;
  places text;
  towns text;
  visits text;
BEGIN
  FOR one IN SELECT * FROM contact WHERE id = $1 UNION ALL (SELECT * FROM contact WHERE merged_into_id = $1 ORDER BY id)
  LOOP
    named := concat_ws(' ', named, one.name, one.company);
    noted := concat_ws(' ', noted, one.notes, array_to_string(one.tags, ' '));
    emails := emails || one.emails;
    digits := concat_ws(' ', digits, translate(jsonb_path_query_array(one.phones, '$[*].number')::text, ', []"+', ' '));
  END LOOP;
  IF digits IS NULL THEN RETURN; END IF; -- There is no such contact.
  SELECT string_agg(concat_ws(' ', array_to_string(a.lines, ' '), a.city, a.region, a.postal_code, a.label), ' '),
    string_agg(a.city, ' ')
    INTO places, towns FROM (SELECT * FROM address a WHERE a.contact_id = $1 ORDER BY id) a;
  SELECT string_agg(concat_ws(' ', t.notes,
      (SELECT string_agg(l.description, ' ') FROM (SELECT * FROM line_item WHERE ticket_id = t.id ORDER BY id) l)), ' ')
    INTO visits FROM (SELECT * FROM ticket WHERE customer_id = $1 ORDER BY number DESC LIMIT 50) t;
  names := search_words(named);
  words := setweight(names, 'A') || setweight(search_words(places), 'B')
    || setweight(search_words(noted), 'C') || setweight(search_words(visits), 'D')
    || array_to_tsvector(emails)
    || strip(search_words(regexp_replace(array_to_string(emails, ' '), '\.[^.\s]+( |$)', ' ', 'g')))
    || array_to_tsvector(ARRAY(SELECT '~' || word FROM unnest(tsvector_to_array(names)) word))
    || array_to_tsvector(ARRAY(SELECT '@' || word FROM unnest(tsvector_to_array(search_words(towns))) word))
    || CASE WHEN visits IS NULL THEN '' ELSE '#' END::tsvector;
END $$;

-- Words of letters, long enough to be misspelled: these enter the vocabulary.
CREATE FUNCTION is_vocabulary_word(word text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN word ~ '^[^0-9~@]{3,40}$';


-- ── Triggers ────────────────────────────────────────────────────────────────────────────────────────────────────────

-- Locks each document first, in the order of the ids: a concurrent change of the same contact is then complete when
-- its records are read, and two transactions do not deadlock.
CREATE FUNCTION refresh_contact_search(ids text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  one text;
  known contact_search;
  fresh record;
BEGIN
  FOR one IN SELECT DISTINCT id FROM unnest(ids) id WHERE id IS NOT NULL ORDER BY id LOOP
    SELECT * INTO known FROM contact_search WHERE contact_id = one FOR UPDATE;
    SELECT * INTO fresh FROM contact_document(one);
    CONTINUE WHEN fresh.words IS NULL OR (fresh.words, fresh.digits) = (known.words, known.digits);
    IF known IS NULL THEN
      INSERT INTO contact_search VALUES (one, fresh.words, fresh.digits)
        ON CONFLICT (contact_id) DO UPDATE SET words = excluded.words, digits = excluded.digits;
    ELSE
      UPDATE contact_search SET words = fresh.words, digits = fresh.digits WHERE contact_id = one;
    END IF;
    INSERT INTO search_word SELECT lexeme
      FROM unnest(ts_delete(fresh.words, coalesce(tsvector_to_array(known.words), '{}')))
      WHERE positions IS NOT NULL AND is_vocabulary_word(lexeme)
        AND NOT EXISTS (SELECT FROM search_word old WHERE old.word = lexeme COLLATE "C");
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION refresh_contact_search(text[]) FROM PUBLIC;

CREATE FUNCTION update_contact_search() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  CASE TG_TABLE_NAME
    WHEN 'contact' THEN
      IF TG_OP = 'DELETE' THEN DELETE FROM contact_search WHERE contact_id = OLD.id; END IF;
      PERFORM refresh_contact_search(ARRAY[NEW.id, NEW.merged_into_id, OLD.merged_into_id]);
    WHEN 'address' THEN PERFORM refresh_contact_search(ARRAY[NEW.contact_id, OLD.contact_id]);
    WHEN 'ticket' THEN PERFORM refresh_contact_search(ARRAY[NEW.customer_id, OLD.customer_id]);
    WHEN 'line_item' THEN
      PERFORM refresh_contact_search(ARRAY(SELECT customer_id FROM ticket WHERE id IN (NEW.ticket_id, OLD.ticket_id)));
  END CASE;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION update_contact_search() FROM PUBLIC;

-- `columns`: those that are part of the document; an update of others does nothing.
CREATE PROCEDURE keep_searchable(name text, VARIADIC columns text[]) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION update_contact_search()',
    name || '_search', name);
  EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I FOR EACH ROW WHEN ((%s) IS DISTINCT FROM (%s))
    EXECUTE FUNCTION update_contact_search()', name || '_search_update', name,
    (SELECT string_agg('OLD.' || quote_ident(one), ', ') FROM unnest(columns) one),
    (SELECT string_agg('NEW.' || quote_ident(one), ', ') FROM unnest(columns) one));
END $$;

CALL keep_searchable('contact', 'merged_into_id', 'name', 'company', 'phones', 'emails', 'tags', 'notes');
CALL keep_searchable('address', 'contact_id', 'lines', 'city', 'region', 'postal_code', 'label');
CALL keep_searchable('ticket', 'customer_id', 'notes');
CALL keep_searchable('line_item', 'ticket_id', 'description');
