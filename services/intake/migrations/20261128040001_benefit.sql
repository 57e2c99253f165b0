-- migrate:up
SET lock_timeout = '2s';
-- The catalogue. Nothing in it is personal: no row has a key.
CREATE TABLE intake.benefits (
  -- "drawn": who finds that another has written the same new benefit meanwhile runs
  -- again, and replaces it (common/pg/connection.cc).
  id text CONSTRAINT benefits_id_drawn PRIMARY KEY CHECK (id ~ '^[a-z0-9-]{1,63}$'),
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
);
SELECT backbone.holds_messages('intake.benefits', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.benefits;
