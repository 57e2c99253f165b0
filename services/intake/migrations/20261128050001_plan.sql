-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.plans (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX plans_of_case ON intake.plans (case_id, id DESC);
SELECT backbone.holds_messages('intake.plans', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.plans;
