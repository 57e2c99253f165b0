-- migrate:up
SET lock_timeout = '2s';

-- How often what is known of an audience was corrected, as intake has told here: who was answered by intake before that
-- knows it by this. One small row for each party that was ever corrected, which names nobody and says nothing of them.
CREATE TABLE notification.audiences (
  name text PRIMARY KEY,
  revision bigint NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON notification.audiences TO xxt_runtime;

-- migrate:down
DROP TABLE notification.audiences;
