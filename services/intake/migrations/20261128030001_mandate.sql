-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.mandates (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX mandates_of_case ON intake.mandates (case_id, id DESC);
SELECT backbone.holds_messages('intake.mandates', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.mandates;
