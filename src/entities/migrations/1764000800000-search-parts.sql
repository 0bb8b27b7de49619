-- What customers are found by, in parts. An index of words cannot stop half-way: it collects every customer who answers,
-- and of a common word those are a tenth of all. In parts a search is over with the first ones that have enough.

ALTER TABLE contact_search RENAME TO contact_search_whole;
ALTER TABLE contact_search_whole RENAME CONSTRAINT contact_search_pk TO contact_search_whole_pk;
DROP INDEX contact_search_words, contact_search_digits;

CREATE TABLE contact_search (
  contact_id text NOT NULL,
  -- Words by where they stand: A name and company, B addresses, C notes and tags, D visits; without a letter e-mails.
  -- A word of the name stands once more as ~word, one of the town as @word: whoever is called Madison is found among
  -- all who live there, and who lives there comes before who lives in Madison Street. Whoever was visited bears a #.
  words tsvector NOT NULL,
  -- Every phone, digits only.
  digits text NOT NULL,
  CONSTRAINT contact_search_pk PRIMARY KEY (contact_id)
) PARTITION BY HASH (contact_id);

DO $$ BEGIN
  FOR part IN 0..7 LOOP
    EXECUTE format('CREATE TABLE contact_search_%s PARTITION OF contact_search FOR VALUES WITH (MODULUS 8, REMAINDER %1$s)', part);
  END LOOP;
END $$;

INSERT INTO contact_search SELECT * FROM contact_search_whole;
DROP TABLE contact_search_whole;
GRANT SELECT ON contact_search TO countersign_app;

-- A word, and what is left of it where one letter is missing, or two of a longer word. Two words that share one of these
-- are a slip or two of the pen apart, letters that changed places included; an index finds them, where comparing
-- trigrams looks at thousands of words.
CREATE FUNCTION slips(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
  SELECT word
  UNION SELECT overlay(word PLACING '' FROM i FOR 1) FROM generate_series(1, length(word)) i
  UNION SELECT overlay(overlay(word PLACING '' FROM j FOR 1) PLACING '' FROM i FOR 1)
    FROM generate_series(1, length(word)) i, generate_series(i + 1, length(word)) j WHERE length(word) > 5);

CREATE OR REPLACE PROCEDURE create_search_indexes() LANGUAGE sql AS $$
  -- A short list of what is pending keeps both quick: a write need not touch the tree, a search has little to look through.
  CREATE INDEX contact_search_words ON contact_search USING gin (words) WITH (gin_pending_list_limit = 64);
  CREATE INDEX contact_search_digits ON contact_search USING gin (digits gin_trgm_ops) WITH (gin_pending_list_limit = 64);
  CREATE INDEX search_word_slips ON search_word USING gin (slips(word)) WITH (gin_pending_list_limit = 256);
  CREATE INDEX search_word_word ON search_word (word);
$$;
CREATE OR REPLACE PROCEDURE drop_search_indexes() LANGUAGE sql AS $$
  DROP INDEX contact_search_words, contact_search_digits, search_word_slips, search_word_word;
$$;
DROP INDEX search_word_trigrams, search_word_word;
CALL create_search_indexes();
ANALYZE contact_search;
