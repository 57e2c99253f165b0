-- migrate:up
SET lock_timeout = '2s';
-- What the report counts by, of each case, call after a closing and promise. Without defaults: NULL in rows of before.
ALTER TABLE intake.cases
  ADD COLUMN respond_due_time timestamptz,
  ADD COLUMN respond_time timestamptz,
  ADD COLUMN resolution smallint,
  ADD COLUMN amendments bigint,
  ADD COLUMN referrals bigint,
  ADD COLUMN answers bigint,
  ADD COLUMN hops bigint,
  ADD COLUMN trips bigint,
  ADD COLUMN spared_papers bigint;
ALTER TABLE intake.follow_ups ADD COLUMN rating smallint, ADD COLUMN end_time timestamptz;
-- Opened cases are found by cases_hall_create. None of the columns above is in an index, so that what counts them on costs
-- none. Made in the transaction: changes wait while the tables are read once, some seconds for a million rows.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX cases_hall_close ON intake.cases (hall, close_time) WHERE state = 3;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX follow_ups_rated_hall ON intake.follow_ups (hall, end_time) INCLUDE (rating) WHERE state = 2;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX promises_settled_hall ON intake.promises (hall, due_time) INCLUDE (state) WHERE state > 1;
SELECT backbone.holds_messages('intake.cases', 'INSERT, UPDATE');
SELECT backbone.holds_messages('intake.follow_ups', 'INSERT, UPDATE');
SELECT backbone.holds_messages('intake.promises', 'INSERT, UPDATE');
-- migrate:down
DROP INDEX intake.cases_hall_close, intake.follow_ups_rated_hall, intake.promises_settled_hall;
ALTER TABLE intake.follow_ups DROP COLUMN rating, DROP COLUMN end_time;
ALTER TABLE intake.cases
  DROP COLUMN respond_due_time, DROP COLUMN respond_time, DROP COLUMN resolution, DROP COLUMN amendments,
  DROP COLUMN referrals, DROP COLUMN answers, DROP COLUMN hops, DROP COLUMN trips, DROP COLUMN spared_papers;
