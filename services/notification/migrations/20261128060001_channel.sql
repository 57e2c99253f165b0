-- migrate:up
SET lock_timeout = '2s';

-- The machine's channels, and whether each is paused. Their rows are there from the beginning, for the machine reads them
-- before each try: name, STATE_OPEN and etag "1", as protobuf writes a Channel.
CREATE TABLE notification.channels (
  id text PRIMARY KEY CHECK (id ~ '^[a-z0-9-]{1,63}$'),
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
);
SELECT backbone.holds_messages('notification.channels', 'INSERT, UPDATE');
INSERT INTO notification.channels (id, version, message)
SELECT id, 1, set_byte('\x0a00', 1, length('channels/' || id)) || convert_to('channels/' || id, 'UTF8') || '\x10019a060131'
  FROM unnest(ARRAY['sms', 'wechat', 'web', 'email']) AS id;

-- Whose pause a message waits for; 0, or NULL as long as a replica writes that does not know it: none.
ALTER TABLE notification.messages ADD COLUMN paused_channel smallint;
-- Made in the transaction, over no row at first: the table is read once, and changes wait for that, some seconds for a million
-- messages. CONCURRENTLY would leave an index half made if it is interrupted.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX messages_paused ON notification.messages (paused_channel, id) WHERE paused_channel <> 0;
SELECT backbone.holds_messages('notification.messages', 'INSERT, UPDATE');

-- migrate:down
ALTER TABLE notification.messages DROP COLUMN paused_channel;
DROP TABLE notification.channels;
