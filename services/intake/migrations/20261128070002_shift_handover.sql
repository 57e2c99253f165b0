-- migrate:up
SET lock_timeout = '2s';
-- What the next officer at a window has to know. `key` seals what is personal in it.
CREATE TABLE intake.shift_handovers (
  id uuid PRIMARY KEY,
  hall text NOT NULL,
  recipient text NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea,
  key bytea -- wrapped; NULL: erased
) WITH (fillfactor = 80);
CREATE INDEX shift_handovers_recipient ON intake.shift_handovers (recipient, id);
CREATE INDEX shift_handovers_hall ON intake.shift_handovers (hall, id);
SELECT backbone.holds_messages('intake.shift_handovers', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.shift_handovers;
