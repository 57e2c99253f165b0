-- migrate:up
SET lock_timeout = '2s';

CREATE SCHEMA notification;
GRANT USAGE ON SCHEMA notification TO xxt_runtime;

-- One thing to tell one person. Not partitioned: an event is told once however
-- long ago it was first told, which takes a unique key over all of them.
CREATE TABLE notification.messages (
  id uuid PRIMARY KEY,
  event text NOT NULL,
  audience text NOT NULL,
  case_id uuid NOT NULL,
  hall text NOT NULL,
  state text NOT NULL CHECK (state IN ('SENDING', 'DELIVERED', 'HANDED_TO_STAFF', 'IN_DOUBT', 'NOT_REACHED', 'SUPPRESSED')),
  template text NOT NULL,
  template_version int NOT NULL,
  urgent boolean NOT NULL,
  -- Who, with what words, and why the state is what it is. Personal data.
  doc jsonb NOT NULL,
  -- Business time.
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  UNIQUE (case_id, event, audience)
) WITH (fillfactor = 80);
-- By state, for storage/message_store.cc reads one state at a time. That of all
-- halls says `hall <> ''`, which a list of one does not: a plan that was made
-- when the table was empty, and is kept, cannot take the wrong index.
CREATE INDEX messages_newest ON notification.messages (state, create_time DESC, id DESC) WHERE hall <> '';
CREATE INDEX messages_hall ON notification.messages (hall, state, create_time DESC, id DESC);
CREATE INDEX messages_case ON notification.messages (case_id, create_time DESC, id DESC);
GRANT SELECT, INSERT, UPDATE ON notification.messages TO xxt_runtime;

-- One try through one channel. A text message sent again by a person's
-- decision is another delivery, with another key at the gateway.
CREATE TABLE notification.deliveries (
  id uuid PRIMARY KEY,
  message_id uuid NOT NULL REFERENCES notification.messages (id),
  channel text NOT NULL CHECK (channel IN ('SMS', 'PHONE')),
  ordinal int NOT NULL,
  state text NOT NULL CHECK (state IN ('CREATED', 'SENDING', 'ACCEPTED', 'IN_DOUBT', 'DELIVERED', 'FAILED')),
  failure text CHECK (failure IN ('TEMPORARY', 'PERMANENT', 'TECHNICAL')),
  detail text NOT NULL,
  provider_reference text NOT NULL,
  attempt_count int NOT NULL,
  -- Since when the gateway may have it without our knowing; database time.
  -- Written before it is touched, cleared by its word only.
  in_flight_since timestamptz,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  UNIQUE (message_id, channel, ordinal)
) WITH (fillfactor = 80);
GRANT SELECT, INSERT, UPDATE ON notification.deliveries TO xxt_runtime;

-- A message with its deliveries in one row, so that every reader sees it whole.
-- Moments inside json are microseconds since 1970.
CREATE VIEW notification.whole_messages AS
SELECT m.id, m.event, m.audience, m.case_id, m.hall, m.state, m.template, m.template_version, m.urgent, m.doc,
       m.create_time, m.update_time,
       -- Whole rows: json_build_object takes five times as long, and a page has many.
       (SELECT json_agg(one ORDER BY one.ordinal)
          FROM (SELECT d.id, d.channel, d.ordinal, d.state, coalesce(d.failure, '') AS failure, d.detail,
                       d.provider_reference, d.attempt_count, d.in_flight_since IS NOT NULL AS in_flight,
                       coalesce((date_part('epoch', now() - d.in_flight_since) * 1000000)::bigint, 0) AS in_flight_for,
                       (date_part('epoch', d.create_time) * 1000000)::bigint AS create_time,
                       (date_part('epoch', d.update_time) * 1000000)::bigint AS update_time
                  FROM notification.deliveries d
                 WHERE d.message_id = m.id) AS one) AS deliveries
  FROM notification.messages m;
GRANT SELECT ON notification.whole_messages TO xxt_runtime;

-- What the gateway says became of a message, as it said it. Unique, so not
-- partitioned; one small row for each text message.
CREATE TABLE notification.receipts (
  source text NOT NULL,
  -- How often the gateway had begun to count again.
  epoch int NOT NULL,
  seq bigint NOT NULL,
  delivery_id uuid,
  -- The gateway's number for the message.
  reference text NOT NULL,
  -- The gateway's word for it: DELIVERED, EXPIRED, BUFFERED, ...
  state text NOT NULL,
  detail text NOT NULL,
  record_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (source, epoch, seq)
);
CREATE INDEX receipts_age ON notification.receipts (record_time);
GRANT SELECT, INSERT ON notification.receipts TO xxt_runtime;

-- The last receipt taken; moves after the effects are stored, in a transaction
-- of its own.
CREATE TABLE notification.receipt_cursors (
  source text PRIMARY KEY,
  epoch int NOT NULL,
  seq bigint NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON notification.receipt_cursors TO xxt_runtime;

-- What people did about a message: called, found out, decided. Append-only by
-- privilege. The note is personal data.
CREATE TABLE notification.decisions (
  id uuid NOT NULL,
  message_id uuid NOT NULL,
  staff text NOT NULL,
  outcome text NOT NULL,
  note text NOT NULL,
  -- Business time.
  time timestamptz NOT NULL,
  record_time timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (record_time);
CREATE INDEX decisions_message ON notification.decisions (message_id);
GRANT SELECT, INSERT ON notification.decisions TO xxt_runtime;

-- What the case is told of a message; one row per message.report_case task,
-- whose id it has.
CREATE TABLE notification.reports (
  id uuid NOT NULL,
  message_id uuid NOT NULL,
  -- 1 for the first report of the message: a late one is known by it.
  version int NOT NULL,
  state text NOT NULL,
  channel text NOT NULL,
  -- Business time.
  time timestamptz NOT NULL,
  record_time timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (record_time);
CREATE INDEX reports_id ON notification.reports (id);
GRANT SELECT, INSERT ON notification.reports TO xxt_runtime;

SELECT backbone.keep('notification.decisions', 'record_time', NULL, '3 years', 'goes with its message', 'month');
SELECT backbone.keep('notification.reports', 'record_time', '1 year', '6 months', 'Cybersecurity Law 21: logs', 'month');
SELECT backbone.keep('notification.receipts', 'record_time', '1 year', '6 months', 'Cybersecurity Law 21: logs');
SELECT backbone.check_partitions();

-- migrate:down
DROP SCHEMA notification CASCADE;
