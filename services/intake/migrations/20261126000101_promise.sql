-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.promises (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  hall text NOT NULL,
  state smallint NOT NULL, -- 1 open, 2 kept, 3 broken, 4 kept late
  due_time timestamptz NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX promises_of_case ON intake.promises (case_id, due_time, id);
CREATE INDEX promises_broken_hall ON intake.promises (hall, due_time, id) WHERE state = 3;
CREATE INDEX promises_broken ON intake.promises (due_time, id) WHERE state = 3 AND hall <> '';
SELECT backbone.holds_messages('intake.promises', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.promises;
