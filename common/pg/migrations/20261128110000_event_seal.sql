-- migrate:up
SET lock_timeout = '2s';

-- What shows that nobody has changed the ledger afterwards: its events in blocks, each of which names the one before
-- by its hash. Made behind the services' backs, never within a request (common/events/sealing.h, decision 0032).
CREATE TABLE backbone.event_seal (
  number bigint PRIMARY KEY,
  seal_time timestamptz NOT NULL,
  -- Of the block before, which may be gone when its term has ended. Of the first one 1970, and zeros.
  previous_time timestamptz NOT NULL,
  previous_hash bytea NOT NULL,
  -- The earliest record_time of its events: from when on they may be gone.
  oldest_time timestamptz NOT NULL,
  -- The key of seal.key_file that has made `mac`.
  key_id bigint NOT NULL,
  -- The hash of each event, 32 bytes, in the order of their positions.
  leaves bytea NOT NULL,
  -- Of all the above, and what the key has made of it.
  hash bytea NOT NULL,
  mac bytea NOT NULL,
  -- Where its last event stands, from where the next one goes on. Not part of the hash: adopt_events moves it.
  last_transaction xid8 NOT NULL,
  last_row bigint NOT NULL
);
-- Hashes cannot be compressed.
ALTER TABLE backbone.event_seal ALTER COLUMN leaves SET STORAGE EXTERNAL;
CREATE INDEX event_seal_time ON backbone.event_seal (seal_time);
CREATE INDEX event_seal_key ON backbone.event_seal (key_id);
CREATE INDEX event_seal_last ON backbone.event_seal (last_transaction, last_row);
GRANT SELECT, INSERT ON backbone.event_seal TO xxt_runtime;
-- What verify-events and export events read.
GRANT SELECT ON backbone.event, backbone.event_seal, backbone.retention TO xxt_store;

-- Longer than an event can be there: three years and the rest of its month.
SELECT backbone.keep('backbone.event_seal', 'seal_time', '3 years 2 months', '3 years', 'proves backbone.event');

-- As before, and keeps the order of events in other transactions, too, which those that were sealed must keep: their
-- rows are counted anew.
CREATE OR REPLACE FUNCTION backbone.adopt_events() RETURNS bigint
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  WITH gone AS (
    DELETE FROM backbone.event WHERE EXISTS (
      SELECT FROM backbone.event WHERE type <> '' AND transaction >= pg_snapshot_xmax(pg_current_snapshot())) RETURNING *),
  placed AS (
    SELECT *, row_number() OVER (ORDER BY transaction, row_number) AS place FROM gone),
  head AS (
    SELECT number, last_transaction, last_row FROM backbone.event_seal WHERE EXISTS (SELECT FROM gone)
     ORDER BY number DESC LIMIT 1),
  -- Its last event may be gone by its age.
  moved_head AS (
    UPDATE backbone.event_seal s
       SET last_transaction = '3',
           last_row = (SELECT coalesce(max(p.place), 0) FROM placed p
                        WHERE (p.transaction, p.row_number) <= (head.last_transaction, head.last_row))
      FROM head WHERE s.number = head.number),
  moved AS (
    UPDATE backbone.event_seal s SET last_transaction = '3', last_row = coalesce(m.place, 0)
      FROM (SELECT b.number, p.place FROM backbone.event_seal b
              LEFT JOIN placed p ON p.transaction = b.last_transaction AND p.row_number = b.last_row) AS m, head
     WHERE m.number = s.number AND s.number < head.number),
  adopted AS (
    INSERT INTO backbone.event (transaction, row_number, id, type, subject, hall, actor, summary, time, record_time)
    OVERRIDING SYSTEM VALUE
    SELECT '3', place, id, type, subject, hall, actor, summary, time, record_time FROM placed RETURNING 1)
  SELECT count(*) FROM adopted;
$$;

-- migrate:down
CREATE OR REPLACE FUNCTION backbone.adopt_events() RETURNS bigint
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  WITH adopted AS (
    UPDATE backbone.event SET transaction = '3' WHERE EXISTS (
      SELECT FROM backbone.event WHERE type <> '' AND transaction >= pg_snapshot_xmax(pg_current_snapshot())) RETURNING 1)
  SELECT count(*) FROM adopted;
$$;
REVOKE SELECT ON backbone.event, backbone.retention FROM xxt_store;
DELETE FROM backbone.retention WHERE relation = 'backbone.event_seal'::regclass;
DROP TABLE backbone.event_seal;
