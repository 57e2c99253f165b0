-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.handovers (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX handovers_of_case ON intake.handovers (case_id, id DESC);
SELECT backbone.holds_messages('intake.handovers', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.handovers;
