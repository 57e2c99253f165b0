-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.life_events (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX life_events_of_case ON intake.life_events (case_id, id DESC);
SELECT backbone.holds_messages('intake.life_events', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.life_events;
