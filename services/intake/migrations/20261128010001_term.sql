-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.terms (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  hall text NOT NULL,
  state smallint NOT NULL, -- 1 running, 2 suspended, 3 met, 4 broken, 5 met late, 6 withdrawn
  due_time timestamptz NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX terms_of_case ON intake.terms (case_id, due_time, id);
CREATE INDEX terms_broken_hall ON intake.terms (hall, due_time, id) WHERE state = 4;
CREATE INDEX terms_broken ON intake.terms (due_time, id) WHERE state = 4 AND hall <> '';
SELECT backbone.holds_messages('intake.terms', 'INSERT, UPDATE');
-- No open case is long without a word: those that are there are looked at, too, after a month in which their people may be
-- spoken with, and not all at once.
INSERT INTO backbone.timer (id, kind, lane, subject, dedupe_key, due)
SELECT gen_random_uuid(), 'case.look', 'normal', 'cases/' || id, 'case.look/cases/' || id,
       now() + interval '30 days' + random() * interval '1 day'
  FROM intake.cases WHERE state <> 3;
-- migrate:down
DELETE FROM backbone.timer WHERE kind = 'case.look';
DELETE FROM backbone.machine_task WHERE kind = 'case.look';
DROP TABLE intake.terms;
