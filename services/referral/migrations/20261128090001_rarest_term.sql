-- migrate:up
SET lock_timeout = '2s';
-- The rarest of the first ten terms of `query`. Of each the first 200 bodies are looked at: of terms that more have, that
-- one is the rarest whose first 200 reach furthest through the titles. To count up to 1,000 said nothing of
-- these, and a search over 40,000 bodies read the thousands of a common one.
CREATE OR REPLACE FUNCTION referral.rarest_term(query text) RETURNS text STABLE LANGUAGE sql AS $$
  SELECT term FROM (SELECT term FROM referral.terms_of(lower(query)) AS t
                     WHERE char_length(term) = least(2, char_length(query)) LIMIT 10) AS of_query
   CROSS JOIN LATERAL (SELECT count(*) AS found, max(title) AS reached
                         FROM (SELECT title FROM referral.body_terms b WHERE b.term = of_query.term
                                ORDER BY title, body LIMIT 200) AS few) AS looked
   ORDER BY found, reached DESC LIMIT 1;
$$;

-- migrate:down
CREATE OR REPLACE FUNCTION referral.rarest_term(query text) RETURNS text STABLE LANGUAGE sql AS $$
  SELECT term FROM (SELECT term FROM referral.terms_of(lower(query)) AS t
                     WHERE char_length(term) = least(2, char_length(query)) LIMIT 10) AS of_query
   ORDER BY (SELECT count(*) FROM (SELECT FROM referral.body_terms b WHERE b.term = of_query.term LIMIT 1000) AS few)
   LIMIT 1;
$$;
