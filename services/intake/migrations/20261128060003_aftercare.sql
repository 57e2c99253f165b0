-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.aftercares (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  hall text NOT NULL,
  state smallint NOT NULL, -- 1 waiting, 2 due, 3 ended
  next_touch_time timestamptz NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX aftercares_of_case ON intake.aftercares (case_id, next_touch_time, id);
CREATE INDEX aftercares_due_hall ON intake.aftercares (hall, next_touch_time, id) WHERE state = 2;
CREATE INDEX aftercares_due ON intake.aftercares (next_touch_time, id) WHERE state = 2 AND hall <> '';
SELECT backbone.holds_messages('intake.aftercares', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.aftercares;
