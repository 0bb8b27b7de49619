-- Finding people. Two tables made from the business records, kept up by triggers, rebuilt by `countersign reindex`:
-- what is known of each contact as words and digits, and every distinct word, by which misspelt ones are put right.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;

CREATE TABLE contact_search (
  contact_id text NOT NULL,
  -- Words by where they stand: A name and company, B addresses, C notes and tags, D visits; without a letter e-mails.
  -- A word of the name stands once more as ~word, one of the town as @word: whoever is called Madison is found among
  -- all who live there, and who lives there comes before who lives in Madison Street. Whoever was visited bears a #.
  words tsvector NOT NULL,
  -- Every phone, digits only.
  digits text NOT NULL,
  CONSTRAINT contact_search_pk PRIMARY KEY (contact_id)
);

-- No unique key: two transactions that meet a new word must not wait for each other. A word may stand here twice.
CREATE TABLE search_word (word text COLLATE "C" NOT NULL);

GRANT SELECT ON contact_search, search_word TO countersign_app;

CREATE PROCEDURE create_search_indexes() LANGUAGE sql AS $$
  -- A short list of what is pending keeps both quick: a write need not touch the tree, a search has little to look through.
  CREATE INDEX contact_search_words ON contact_search USING gin (words) WITH (gin_pending_list_limit = 256);
  CREATE INDEX contact_search_digits ON contact_search USING gin (digits gin_trgm_ops) WITH (gin_pending_list_limit = 256);
  CREATE INDEX search_word_trigrams ON search_word USING gin (word gin_trgm_ops) WITH (gin_pending_list_limit = 256);
  CREATE INDEX search_word_word ON search_word (word);
$$;
CREATE PROCEDURE drop_search_indexes() LANGUAGE sql AS $$
  DROP INDEX contact_search_words, contact_search_digits, search_word_trigrams, search_word_word;
$$;
CALL create_search_indexes();

-- The words of a text: no accents, no capitals, no punctuation; O'Brien is one word.
CREATE FUNCTION search_words(written text) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_tsvector('simple',
  translate(lower(unaccent(coalesce(written, ''))), '!"#$%&()*+,-./:;<=>?@[\]^_{|}~''`', repeat(' ', 30)));

-- What a contact is found by. It answers to the names and numbers of those that were merged into it, too; of its visits
-- the last fifty count.
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

-- Words that a misspelt one may have been meant for: of letters, long enough to be misspelt.
CREATE FUNCTION is_learnt(word text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN word ~ '^[^0-9~@]{3,40}$';

CREATE FUNCTION refresh_contact_search(ids text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  one text;
  known contact_search;
  fresh record;
BEGIN
  FOR one IN SELECT DISTINCT id FROM unnest(ids) id WHERE id IS NOT NULL ORDER BY id LOOP
    -- In turn with whoever changes the same contact: what is read next includes what they wrote.
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
      WHERE positions IS NOT NULL AND is_learnt(lexeme)
        AND NOT EXISTS (SELECT FROM search_word old WHERE old.word = lexeme COLLATE "C");
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION refresh_contact_search(text[]) FROM PUBLIC;

CREATE FUNCTION follow_for_search() RETURNS trigger
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
REVOKE EXECUTE ON FUNCTION follow_for_search() FROM PUBLIC;

-- Keeps the search in step with a table whose `columns` say something of a contact.
CREATE PROCEDURE search_follows(name text, VARIADIC columns text[]) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION follow_for_search()',
    name || '_found', name);
  EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I FOR EACH ROW WHEN ((%s) IS DISTINCT FROM (%s))
    EXECUTE FUNCTION follow_for_search()', name || '_found_again', name,
    (SELECT string_agg('OLD.' || quote_ident(one), ', ') FROM unnest(columns) one),
    (SELECT string_agg('NEW.' || quote_ident(one), ', ') FROM unnest(columns) one));
END $$;

CALL search_follows('contact', 'merged_into_id', 'name', 'company', 'phones', 'emails', 'tags', 'notes');
CALL search_follows('address', 'contact_id', 'lines', 'city', 'region', 'postal_code', 'label');
CALL search_follows('ticket', 'customer_id', 'notes');
CALL search_follows('line_item', 'ticket_id', 'description');

-- What was there before.
SELECT refresh_contact_search(ARRAY(SELECT id FROM contact));

-- Every order a list comes in, so that a page deep down costs what the first one does.
CREATE INDEX contact_by_created ON contact (created_at, id);
CREATE INDEX contact_by_updated ON contact (updated_at, id);
CREATE INDEX contact_by_name ON contact (lower(name), id);
