-- migrate:up
SET lock_timeout = '2s';

-- What every service's database has: tasks, events, remembered requests.
-- `xxt_runtime` is the group of the roles that run services: no DDL, and
-- append-only tables by privilege. deploy/db/roles.sql makes it.

-- The machine's tasks that are to be done now or are being done. Later ones wait
-- in timer; settled ones move to task_settled. A task costs one insert, one
-- update on its page and one delete: claiming changes no column of any index, so
-- that the table stays fast while an old snapshot keeps what is dead. See
-- common/tasks/task.h and docs/decisions/0016.
CREATE TABLE backbone.machine_task (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  lane text NOT NULL CHECK (lane IN ('urgent', 'normal', 'bulk')),
  subject text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  dedupe_key text NOT NULL UNIQUE,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'retry', 'dead')),
  -- Business time before which nothing is done.
  due timestamptz NOT NULL,
  -- Database time of the next try; of a dead task infinity, past every search.
  not_before timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  fence bigint NOT NULL DEFAULT 0,
  -- Since a person put it back last.
  attempt int NOT NULL DEFAULT 0,
  -- Attempts whose end nobody noted: their processes died. See attempt.
  crashes int NOT NULL DEFAULT 0,
  -- Database time of the first attempt: giving up is counted from here.
  started_at timestamptz,
  holder text,
  last_error text,
  create_time timestamptz NOT NULL DEFAULT now(),
  CHECK ((state = 'running') = (lease_until IS NOT NULL))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_cost_delay = 0);
-- Who looks for a task by its id does not say `lane <> ''`, and so is not given
-- this index: when a queue has drained while somebody held an old snapshot,
-- PostgreSQL counts few rows in large indexes, and would as soon walk all of one.
CREATE INDEX machine_task_ready ON backbone.machine_task (kind, lane, greatest(due, not_before), id) WHERE lane <> '';
CREATE INDEX machine_task_subject ON backbone.machine_task (subject);
GRANT SELECT, INSERT, UPDATE, DELETE ON backbone.machine_task TO xxt_runtime;

-- The machine's tasks for later. The sweep moves them when they are due.
CREATE TABLE backbone.timer (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  lane text NOT NULL CHECK (lane IN ('urgent', 'normal', 'bulk')),
  subject text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  dedupe_key text NOT NULL UNIQUE,
  due timestamptz NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX timer_due ON backbone.timer (due, id) WHERE lane <> '';
-- For operators, who list one lane: of the rare ones all would be read in vain.
-- Who fires timers does not say `kind <> ''`, and is not given it.
CREATE INDEX timer_lane ON backbone.timer (lane, due, id) WHERE kind <> '';
CREATE INDEX timer_subject ON backbone.timer (subject);
GRANT SELECT, INSERT, UPDATE, DELETE ON backbone.timer TO xxt_runtime;

-- People's tasks. See common/tasks/desk.h.
CREATE TABLE backbone.desk_task (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  subject text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  dedupe_key text NOT NULL UNIQUE,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running')),
  -- Business time from which people see it; they are shown it.
  due timestamptz NOT NULL CHECK (isfinite(due)),
  lease_until timestamptz,
  fence bigint NOT NULL DEFAULT 0,
  attempt int NOT NULL DEFAULT 0,
  holder text,
  hall text,
  assignee text,
  summary text,
  create_time timestamptz NOT NULL DEFAULT now(),
  CHECK ((state = 'running') = (lease_until IS NOT NULL))
) WITH (fillfactor = 80);
-- What people are shown: of their hall, of all halls. The latter says `kind <> ''`,
-- which a list of one hall does not: a plan that was made when the table was
-- empty, and is kept, cannot take the wrong index. Who looks for a task by its id
-- says nothing of a hall, and is given neither: see machine_task_ready.
CREATE INDEX desk_task_hall ON backbone.desk_task (hall, due, id) WHERE hall IS NOT NULL;
CREATE INDEX desk_task_due ON backbone.desk_task (due, id) WHERE kind <> '';
CREATE INDEX desk_task_subject ON backbone.desk_task (subject);
GRANT SELECT, INSERT, UPDATE, DELETE ON backbone.desk_task TO xxt_runtime;

-- All that is open, whosever it is, for who reads.
CREATE VIEW backbone.task AS
SELECT 'machine_task' AS shelf, id, kind, lane, subject, payload, dedupe_key, state, due, not_before,
       greatest(due, CASE state WHEN 'dead' THEN create_time ELSE not_before END) AS next_action_time,
       lease_until, fence, attempt, crashes, holder, NULL::text AS hall, NULL::text AS assignee, NULL::text AS summary,
       last_error, create_time
  FROM backbone.machine_task
 UNION ALL
SELECT 'timer', id, kind, lane, subject, payload, dedupe_key, 'pending', due, create_time, due,
       NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, create_time
  FROM backbone.timer
 UNION ALL
SELECT 'desk_task', id, kind, 'desk', subject, payload, dedupe_key, state, due, create_time, due,
       lease_until, fence, attempt, 0, holder, hall, assignee, summary, NULL, create_time
  FROM backbone.desk_task;
GRANT SELECT ON backbone.task TO xxt_runtime;

-- Who outside is talked to: how many silences there were in a row, until when it
-- is left alone, and how many tasks may be begun at once. See common/tasks/party.h.
CREATE TABLE backbone.party (
  name text PRIMARY KEY,
  silences int NOT NULL DEFAULT 0,
  rest_until timestamptz,
  tokens double precision NOT NULL DEFAULT 1,
  tokens_time timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE ON backbone.party TO xxt_runtime;

-- The keys of seal.key_file that have wrapped data keys here, and its search key.
-- See common/service/seal_keys.h. Rows stay: a number is used for one key only.
CREATE TABLE backbone.seal_key (
  -- 0: the search key, which is never retired.
  id bigint PRIMARY KEY,
  -- Tells the key from others, and nothing else of it.
  mark bytea NOT NULL,
  -- When it was the first of a service's file last, but for a minute.
  use_time timestamptz NOT NULL DEFAULT now(),
  -- From then on nothing is wrapped with it any more: xxt-store rekey.
  retire_time timestamptz
);
GRANT SELECT, INSERT, UPDATE (use_time, retire_time) ON backbone.seal_key TO xxt_runtime;
GRANT USAGE ON SCHEMA backbone TO xxt_store;
GRANT SELECT ON backbone.seal_key TO xxt_store;

-- Who has looked at what is personal, with the operator's tool, and why
-- (docs/operations/xxt-store.md). Who and why is what the tool says, the rest is
-- the database's word. Whose role adds here cannot read, change or delete it.
CREATE TABLE backbone.reveal (
  who text NOT NULL,
  name text NOT NULL,
  reason text NOT NULL CHECK (btrim(reason) <> ''),
  role name NOT NULL DEFAULT session_user,
  address inet DEFAULT inet_client_addr(),
  reveal_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reveal_time ON backbone.reveal (reveal_time);
GRANT INSERT (who, name, reason) ON backbone.reveal TO xxt_store;

-- For migrations, once for each table that holds messages (common/store/table.h),
-- and again when it gets a column. Services may read it and do what `may` says.
-- The operator's tool may read it, and write what backfill writes: the message,
-- what is sealed, and the columns derived from it; no id (id, case_id), version or
-- key, and nothing that the database fills in.
CREATE FUNCTION backbone.holds_messages(held regclass, may text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('GRANT SELECT, %s ON %s TO xxt_runtime', may, held);
  EXECUTE (SELECT format('GRANT USAGE ON SCHEMA %I TO xxt_store', n.nspname)
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = held);
  EXECUTE (SELECT format('GRANT SELECT, UPDATE (%s) ON %s TO xxt_store', string_agg(quote_ident(attname), ', '), held)
             FROM pg_attribute
            WHERE attrelid = held AND attnum > 0 AND NOT attisdropped AND NOT atthasdef AND attidentity = ''
              AND attname !~ '^(.*_)?id$' AND attname NOT IN ('version', 'key'));
END $$;
REVOKE EXECUTE ON FUNCTION backbone.holds_messages(regclass, text) FROM PUBLIC;

CREATE TABLE backbone.task_settled (
  id uuid NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  -- done, cancelled
  outcome text NOT NULL,
  attempt int NOT NULL,
  holder text,
  create_time timestamptz NOT NULL,
  settle_time timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (settle_time);
CREATE INDEX task_settled_id ON backbone.task_settled (id);
GRANT SELECT, INSERT ON backbone.task_settled TO xxt_runtime;

-- Written before the outside world is touched; outcomes are rows of their own
-- (append-only), joined by (task_id, fence).
CREATE TABLE backbone.attempt (
  task_id uuid NOT NULL,
  fence bigint NOT NULL,
  -- started; then one of: done, retry, dead, late (ended after another had taken
  -- over), given_back (not begun), lost (the process lives and knows nothing of
  -- it), requeued (forgiven by an operator). None: the process died in it.
  outcome text NOT NULL,
  detail text,
  holder text,
  time timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (time);
CREATE INDEX attempt_task ON backbone.attempt (task_id, fence);
GRANT SELECT, INSERT ON backbone.attempt TO xxt_runtime;

-- The ledger. See common/events/events.h for how it is read in commit order.
CREATE TABLE backbone.event (
  transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
  row_number bigint GENERATED ALWAYS AS IDENTITY,
  id uuid NOT NULL,
  type text NOT NULL,
  subject text NOT NULL,
  hall text NOT NULL,
  actor text NOT NULL,
  summary text NOT NULL,
  -- Business time.
  time timestamptz NOT NULL,
  record_time timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (record_time);
-- Who reads the events of one subject says nothing of their type, and is not
-- given the first: it has their order, too, but those of all are walked.
CREATE INDEX event_position ON backbone.event (transaction, row_number) WHERE type <> '';
CREATE INDEX event_subject ON backbone.event (subject, transaction, row_number) WHERE subject <> '';
GRANT SELECT, INSERT ON backbone.event TO xxt_runtime;

-- Which history the transaction ids of this database's events belong to. Another
-- one begins with a promotion, a recovery to a point in time, in another cluster,
-- in another database. See docs/decisions/0020.
CREATE FUNCTION backbone.history() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT to_hex(hashtextextended(concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
                                           left(pg_walfile_name(pg_current_wal_lsn()), 8),
                                           (SELECT oid FROM pg_database WHERE datname = current_database())), 0));
$$;

-- What keeps events from being told, or dead rows from being removed; see
-- common/events/horizon.h. Returns ages only, hence it may look at all sessions.
CREATE FUNCTION backbone.horizon() RETURNS TABLE (holder text, seconds float8, transactions bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'transaction', coalesce(extract(epoch FROM clock_timestamp() - min(xact_start)), 0)::float8,
         coalesce(max(age(backend_xid)), 0)::bigint FROM pg_stat_activity WHERE backend_xid IS NOT NULL
  UNION ALL
  SELECT 'snapshot', coalesce(extract(epoch FROM clock_timestamp() - min(xact_start)), 0)::float8,
         coalesce(max(age(backend_xmin)), 0)::bigint FROM pg_stat_activity WHERE backend_xmin IS NOT NULL
  UNION ALL
  SELECT 'prepared', coalesce(extract(epoch FROM clock_timestamp() - min(prepared)), 0)::float8,
         coalesce(max(age(transaction)), 0)::bigint FROM pg_prepared_xacts
  UNION ALL
  SELECT 'slot', 0, coalesce(max(greatest(age(xmin), age(catalog_xmin))), 0)::bigint FROM pg_replication_slots
  UNION ALL
  SELECT 'untold', coalesce(extract(epoch FROM clock_timestamp() - (
           SELECT record_time FROM backbone.event WHERE type <> '' AND transaction >= pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY transaction, row_number LIMIT 1)), 0)::float8, 0;
$$;
REVOKE EXECUTE ON FUNCTION backbone.horizon() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION backbone.horizon() TO xxt_runtime;

-- For the owner, once after pg_restore: gives the events of a dump a transaction
-- id that has ended in every cluster, and keeps their order. Does nothing where
-- there is no event of another cluster. Returns how many it changed.
CREATE FUNCTION backbone.adopt_events() RETURNS bigint
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  WITH adopted AS (
    UPDATE backbone.event SET transaction = '3' WHERE EXISTS (
      SELECT FROM backbone.event WHERE type <> '' AND transaction >= pg_snapshot_xmax(pg_current_snapshot())) RETURNING 1)
  SELECT count(*) FROM adopted;
$$;
REVOKE EXECUTE ON FUNCTION backbone.adopt_events() FROM PUBLIC;

-- Responses to requests that changed something, for 30 days. Not partitioned: the
-- key must be unique over all of it, and it does not only grow. See
-- common/idempotency/idempotency.h and docs/decisions/0023.
CREATE TABLE backbone.idempotency (
  request_id uuid NOT NULL,
  caller text NOT NULL,
  method text NOT NULL,
  -- Tells another request under the same id; without the key file it tells nothing.
  request_mac bytea NOT NULL,
  response bytea NOT NULL, -- sealed
  create_time timestamptz NOT NULL DEFAULT now(),
  -- The resource whose key has sealed it, "cases/…": gone with that key. NULL: it
  -- is of none, and sealed with a key of the key file.
  root text CHECK (root <> ''),
  PRIMARY KEY (request_id, caller, method)
);
CREATE INDEX idempotency_age ON backbone.idempotency (create_time);
GRANT SELECT, INSERT ON backbone.idempotency TO xxt_runtime;

SELECT backbone.keep('backbone.task_settled', 'settle_time', '1 year', '6 months', 'Cybersecurity Law 21: logs', 'month');
SELECT backbone.keep('backbone.attempt', 'time', '1 year', '6 months', 'Cybersecurity Law 21: logs', 'month');
SELECT backbone.keep('backbone.event', 'record_time', '3 years', '3 years',
                     'Cybersecurity Law 21: logs; PIPL 56: records of what was done on a consent', 'month');
SELECT backbone.keep('backbone.reveal', 'reveal_time', '3 years', '3 years',
                     'PIPL 56: records of what was done with personal data');
SELECT backbone.keep('backbone.idempotency', 'create_time', '30 days', '30 days', 'decision 0009');
SELECT backbone.check_partitions();

-- migrate:down
DELETE FROM backbone.retention
 WHERE relation IN ('backbone.task_settled'::regclass, 'backbone.attempt'::regclass, 'backbone.event'::regclass,
                    'backbone.reveal'::regclass, 'backbone.idempotency'::regclass);
DROP FUNCTION backbone.adopt_events(), backbone.horizon(), backbone.history(), backbone.holds_messages(regclass, text);
DROP VIEW backbone.task;
DROP TABLE backbone.machine_task, backbone.timer, backbone.desk_task, backbone.party, backbone.seal_key, backbone.reveal,
  backbone.task_settled, backbone.attempt, backbone.event, backbone.idempotency;
REVOKE USAGE ON SCHEMA backbone FROM xxt_store;
