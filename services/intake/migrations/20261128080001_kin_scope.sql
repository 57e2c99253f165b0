-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.kin_scopes (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX kin_scopes_of_case ON intake.kin_scopes (case_id, id DESC);
SELECT backbone.holds_messages('intake.kin_scopes', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.kin_scopes;
