-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.progress_codes (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  key_hash text NOT NULL,
  state smallint NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX progress_codes_of_case ON intake.progress_codes (case_id, id DESC);
CREATE INDEX progress_codes_key ON intake.progress_codes (key_hash);
SELECT backbone.holds_messages('intake.progress_codes', 'INSERT, UPDATE');
-- How often a code was tried of late, by 16 bits of its hash: never more rows than those have values.
CREATE TABLE intake.progress_tries (
  bucket integer PRIMARY KEY,
  since timestamptz NOT NULL,
  tries integer NOT NULL
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE ON intake.progress_tries TO xxt_runtime;
-- migrate:down
DROP TABLE intake.progress_tries;
DROP TABLE intake.progress_codes;
