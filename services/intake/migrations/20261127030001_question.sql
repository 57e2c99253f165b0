-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.questions (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX questions_of_case ON intake.questions (case_id, id);
SELECT backbone.holds_messages('intake.questions', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.questions;
