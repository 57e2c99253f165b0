-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.papers (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX papers_of_case ON intake.papers (case_id, id);
SELECT backbone.holds_messages('intake.papers', 'INSERT, UPDATE'); -- never deleted: what is not needed any more says so
-- migrate:down
DROP TABLE intake.papers;
