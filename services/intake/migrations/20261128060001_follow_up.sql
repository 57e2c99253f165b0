-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.follow_ups (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  hall text NOT NULL,
  state smallint NOT NULL,
  due_time timestamptz NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX follow_ups_of_case ON intake.follow_ups (case_id, id DESC);
CREATE INDEX follow_ups_waiting_hall ON intake.follow_ups (hall, due_time, id) WHERE state = 1;
CREATE INDEX follow_ups_waiting ON intake.follow_ups (due_time, id) WHERE state = 1 AND hall <> '';
SELECT backbone.holds_messages('intake.follow_ups', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.follow_ups;
