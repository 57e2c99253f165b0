-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.aftercares (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  hall text NOT NULL,
  state smallint NOT NULL,
  next_touch_time timestamptz NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX aftercares_of_case ON intake.aftercares (case_id, id DESC);
CREATE INDEX aftercares_waiting_hall ON intake.aftercares (hall, next_touch_time, id) WHERE state = 1;
CREATE INDEX aftercares_waiting ON intake.aftercares (next_touch_time, id) WHERE state = 1 AND hall <> '';
SELECT backbone.holds_messages('intake.aftercares', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.aftercares;
