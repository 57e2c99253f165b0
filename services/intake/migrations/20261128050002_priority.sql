-- migrate:up
SET lock_timeout = '2s';
-- Minutes by which the priority of a case brings its next action forward in the work list. Without a default: NULL in
-- rows of before, which is none.
ALTER TABLE intake.cases ADD COLUMN head_start bigint;
-- The work list, of a hall, an owner or all: of open cases alone, few beside the closed ones. The time is the one of
-- cases/cases.cc. Made in the transaction: the table is read once for each, and changes wait for that, some seconds for a
-- million cases. CONCURRENTLY would leave an index half made if it is interrupted.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX cases_hall_work ON intake.cases (hall, state,
  ((next_action_time AT TIME ZONE 'UTC' - coalesce(head_start, 0) * interval '1 minute') AT TIME ZONE 'UTC'), id)
  WHERE state <> 3;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX cases_owner_work ON intake.cases (owner, state,
  ((next_action_time AT TIME ZONE 'UTC' - coalesce(head_start, 0) * interval '1 minute') AT TIME ZONE 'UTC'), id)
  WHERE state <> 3;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX cases_work ON intake.cases (state,
  ((next_action_time AT TIME ZONE 'UTC' - coalesce(head_start, 0) * interval '1 minute') AT TIME ZONE 'UTC'), id)
  WHERE state <> 3 AND hall <> '';
SELECT backbone.holds_messages('intake.cases', 'INSERT, UPDATE');
-- migrate:down
DROP INDEX intake.cases_hall_work, intake.cases_owner_work, intake.cases_work;
ALTER TABLE intake.cases DROP COLUMN head_start;
