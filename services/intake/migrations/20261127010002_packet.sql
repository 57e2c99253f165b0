-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.packets (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX packets_of_case ON intake.packets (case_id, id DESC);
SELECT backbone.holds_messages('intake.packets', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.packets;
