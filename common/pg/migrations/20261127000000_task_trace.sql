-- migrate:up
SET lock_timeout = '2s';

-- In which trace a task was made, as W3C traceparent: who does it goes on in that trace, in another process too. Ids
-- only. Timers have none: what is done weeks later belongs to nobody's call.
ALTER TABLE backbone.machine_task ADD COLUMN traceparent text;

-- migrate:down
ALTER TABLE backbone.machine_task DROP COLUMN traceparent;
