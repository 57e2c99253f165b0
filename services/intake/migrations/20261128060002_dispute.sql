-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.disputes (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  hall text NOT NULL,
  state smallint NOT NULL,
  due_time timestamptz,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX disputes_of_case ON intake.disputes (case_id, id DESC);
CREATE INDEX disputes_waiting_hall ON intake.disputes (hall, due_time, id) WHERE state = 3;
CREATE INDEX disputes_waiting ON intake.disputes (due_time, id) WHERE state = 3 AND hall <> '';
SELECT backbone.holds_messages('intake.disputes', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.disputes;
