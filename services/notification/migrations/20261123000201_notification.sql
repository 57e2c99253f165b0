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
  case_name text NOT NULL,
  hall text NOT NULL,
  topic text NOT NULL, -- empty: tells no fact that changes
  revision bigint NOT NULL, -- of that fact
  -- 1 sending, 2 delivered, 3 handed to staff, 4 in doubt, 5 not reached, 6 suppressed
  state smallint NOT NULL,
  -- By how many corrections whom it is for is known, or will be once it is free to change.
  known_revision bigint NOT NULL,
  -- Business time; its words are true before the first, which may be 'infinity'.
  true_until timestamptz NOT NULL,
  create_time timestamptz NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea, -- who, and with what words
  key bytea, -- wrapped: opens what is sealed here and in its decisions; NULL: erased
  -- "drawn": who finds that another has told the same meanwhile runs again, and
  -- answers that one (common/pg/connection.cc).
  CONSTRAINT messages_event_drawn UNIQUE (case_name, event, audience)
) WITH (fillfactor = 80);
-- Those of all halls say `hall <> ''`, which a list of one does not: a plan that
-- was made when the table was empty, and is kept, cannot take the wrong index.
CREATE INDEX messages_newest ON notification.messages (create_time DESC, id DESC) WHERE hall <> '';
CREATE INDEX messages_hall ON notification.messages (hall, create_time DESC, id DESC);
CREATE INDEX messages_state ON notification.messages (state, create_time DESC, id DESC) WHERE hall <> '';
CREATE INDEX messages_hall_state ON notification.messages (hall, state, create_time DESC, id DESC);
CREATE INDEX messages_case ON notification.messages (case_name, create_time DESC, id DESC);
SELECT backbone.holds_messages('notification.messages', 'INSERT, UPDATE');

-- The tries of messages, for who knows a try's id alone. A text message sent again
-- by a person's decision is another one, with another key at the gateway. What
-- became of each is in its message.
CREATE TABLE notification.deliveries (
  id uuid PRIMARY KEY,
  message_id uuid NOT NULL REFERENCES notification.messages (id),
  channel smallint NOT NULL, -- 2 call by a person, 5 text message
  -- Since when the gateway may have it without our knowing; database time.
  -- Written before it is touched, cleared by its word only.
  in_flight_since timestamptz
) WITH (fillfactor = 80);
GRANT SELECT, INSERT, UPDATE ON notification.deliveries TO xxt_runtime;

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
-- privilege.
CREATE TABLE notification.decisions (
  id uuid NOT NULL,
  message_id uuid NOT NULL,
  staff text NOT NULL,
  outcome text NOT NULL,
  message bytea NOT NULL,
  sealed bytea, -- what they noted
  record_time timestamptz NOT NULL DEFAULT now() -- database time: the partition
) PARTITION BY RANGE (record_time);
CREATE INDEX decisions_message ON notification.decisions (message_id);
SELECT backbone.holds_messages('notification.decisions', 'INSERT');

-- What the case is told of a message; one row per message.report_case task,
-- whose id it has.
CREATE TABLE notification.reports (
  id uuid NOT NULL,
  message_id uuid NOT NULL,
  -- 1 for the first report of the message: a late one is known by it.
  version int NOT NULL,
  state smallint NOT NULL, -- as of messages
  channel smallint NOT NULL, -- as of deliveries
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
DELETE FROM backbone.retention
 WHERE relation IN ('notification.decisions'::regclass, 'notification.reports'::regclass, 'notification.receipts'::regclass);
DROP SCHEMA notification CASCADE;
