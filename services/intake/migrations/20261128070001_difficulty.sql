-- migrate:up
SET lock_timeout = '2s';
-- Why ordinary counters could not do it: a row for each difficulty of each case, written with the case. Nothing of people.
-- Cases that are older than this are counted once somebody classes them.
CREATE TABLE intake.case_difficulties (
  case_id uuid NOT NULL,
  hall text NOT NULL,
  open_day date NOT NULL, -- in Shanghai
  service_item text NOT NULL,
  difficulty smallint NOT NULL,
  PRIMARY KEY (case_id, difficulty)
);
CREATE INDEX case_difficulties_hall ON intake.case_difficulties (hall, open_day) INCLUDE (difficulty, service_item);
GRANT SELECT, INSERT, DELETE ON intake.case_difficulties TO xxt_runtime;
-- migrate:down
DROP TABLE intake.case_difficulties;
