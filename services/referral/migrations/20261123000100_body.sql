-- migrate:up
SET lock_timeout = '2s';

CREATE SCHEMA referral;
GRANT USAGE ON SCHEMA referral TO xxt_runtime;

-- The directory.
CREATE TABLE referral.bodies (
  -- "drawn": who finds that another has written the same new body meanwhile runs
  -- again, and replaces it (common/pg/connection.cc).
  id text CONSTRAINT bodies_id_drawn PRIMARY KEY CHECK (id ~ '^[a-z0-9-]{1,63}$'),
  title text NOT NULL,
  kind smallint NOT NULL,
  words text NOT NULL, -- title and documents held, one a line
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea, -- who to ask for, and how to reach them
  key bytea
);
CREATE INDEX bodies_title ON referral.bodies (title, id);
CREATE INDEX bodies_kind ON referral.bodies (kind, title, id);
SELECT backbone.holds_messages('referral.bodies', 'INSERT, UPDATE');

-- Every character of `words`, and every two that stand side by side.
CREATE FUNCTION referral.terms_of(words text) RETURNS TABLE (term text) IMMUTABLE LANGUAGE sql AS $$
  SELECT DISTINCT substr(words, at, size)
    FROM generate_series(1, 2) AS size, generate_series(1, char_length(words) - size + 1) AS at
   WHERE substr(words, at, size) !~ E'\n';
$$;

-- Which bodies have a term, in the order of the list: a search reads one term's
-- bodies, and a trigger keeps them.
CREATE TABLE referral.body_terms (
  term text COLLATE "C" NOT NULL,
  title text NOT NULL,
  body text NOT NULL REFERENCES referral.bodies ON DELETE CASCADE,
  PRIMARY KEY (term, title, body)
);
CREATE INDEX body_terms_body ON referral.body_terms (body);
GRANT SELECT ON referral.body_terms TO xxt_runtime;

-- With its owner's rights: whoever may write a body, the operator's tool too, writes the terms by this alone.
CREATE FUNCTION referral.write_body_terms() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM referral.body_terms WHERE body = new.id;
  INSERT INTO referral.body_terms SELECT term, new.title, new.id FROM referral.terms_of(lower(new.words));
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION referral.write_body_terms() FROM PUBLIC;
CREATE TRIGGER body_terms AFTER INSERT OR UPDATE OF title, words ON referral.bodies
  FOR EACH ROW EXECUTE FUNCTION referral.write_body_terms();

-- The rarest of the first ten terms of `query`, counted up to 1,000.
CREATE FUNCTION referral.rarest_term(query text) RETURNS text STABLE LANGUAGE sql AS $$
  SELECT term FROM (SELECT term FROM referral.terms_of(lower(query)) AS t
                     WHERE char_length(term) = least(2, char_length(query)) LIMIT 10) AS of_query
   ORDER BY (SELECT count(*) FROM (SELECT FROM referral.body_terms b WHERE b.term = of_query.term LIMIT 1000) AS few)
   LIMIT 1;
$$;

-- migrate:down
DROP SCHEMA referral CASCADE;
