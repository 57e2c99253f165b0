-- migrate:up
SET lock_timeout = '2s';

-- One body asked. `key` seals what is personal in it and in all that hangs on it.
CREATE TABLE referral.referrals (
  id uuid PRIMARY KEY,
  case_name text NOT NULL,
  hall text NOT NULL,
  state smallint NOT NULL,
  -- 'infinity' once the referral has ended, and only then: nothing is forgotten.
  next_action_time timestamptz NOT NULL,
  answer_code text NOT NULL CONSTRAINT referrals_answer_code_drawn UNIQUE,
  mail_due text NOT NULL, -- the task of the mail that waits to go out; empty: none does
  person_asked boolean NOT NULL, -- somebody is to decide, and has not
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea, -- the question, what is disclosed and on what it rests, why it ended
  key bytea, -- wrapped; NULL: erased
  CHECK ((next_action_time = 'infinity') = (state BETWEEN 5 AND 10))
) WITH (fillfactor = 80);
CREATE INDEX referrals_case ON referral.referrals (case_name);
CREATE INDEX referrals_hall_next ON referral.referrals (hall, next_action_time, id);
-- That of all halls says `hall <> ''`, which a list of one does not: a plan that
-- was made when the table was empty, and is kept, cannot take the wrong index.
CREATE INDEX referrals_next ON referral.referrals (next_action_time, id) WHERE hall <> '';
SELECT backbone.holds_messages('referral.referrals', 'INSERT, UPDATE');

-- The ledger. Services write it once and never change it.
CREATE TABLE referral.entries (
  id uuid NOT NULL,
  referral_id uuid NOT NULL,
  row_number bigint GENERATED ALWAYS AS IDENTITY, -- the order of writing
  message bytea NOT NULL,
  sealed bytea, -- what somebody said or wrote, and who
  write_time timestamptz NOT NULL DEFAULT now() -- database time: the partition
) PARTITION BY RANGE (write_time);
CREATE INDEX entries_referral ON referral.entries (referral_id, row_number);
CREATE INDEX entries_id ON referral.entries (id);
SELECT backbone.holds_messages('referral.entries', 'INSERT');
SELECT backbone.keep('referral.entries', 'write_time', NULL, '3 years', 'goes with its referral', 'month');

-- Mailboxes, since when they are looked into (database time), and how far.
CREATE TABLE referral.mailboxes (
  mailbox text PRIMARY KEY,
  start_time timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE referral.mail_cursors (
  mailbox text NOT NULL,
  uid_validity bigint NOT NULL,
  last_uid bigint NOT NULL,
  PRIMARY KEY (mailbox, uid_validity)
);
GRANT SELECT, INSERT ON referral.mailboxes TO xxt_runtime;
GRANT SELECT, INSERT, UPDATE ON referral.mail_cursors TO xxt_runtime;

-- Mails that were found and are not stored yet. `tries` counts beginnings,
-- `failures` those that ended without a crash. Database time. `note`: the
-- unmatched mail that tells people of it meanwhile.
CREATE TABLE referral.mail_pending (
  mailbox text NOT NULL,
  uid_validity bigint NOT NULL,
  uid bigint NOT NULL,
  tries int NOT NULL DEFAULT 0,
  failures int NOT NULL DEFAULT 0,
  found_time timestamptz NOT NULL DEFAULT now(),
  due_time timestamptz NOT NULL DEFAULT now(),
  note uuid,
  PRIMARY KEY (mailbox, uid_validity, uid)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON referral.mail_pending TO xxt_runtime;

-- Every mail of the mailbox, once. `words` is a hash of what it says;
-- `identity` one of what makes it the same mail when it is found again under
-- another uid, NULL for such a repeat.
CREATE TABLE referral.mail_inbox (
  mailbox text NOT NULL,
  uid_validity bigint NOT NULL,
  uid bigint NOT NULL,
  message_id text NOT NULL,
  thread text[] NOT NULL,
  words bytea NOT NULL,
  identity bytea UNIQUE,
  receive_time timestamptz NOT NULL,
  PRIMARY KEY (mailbox, uid_validity, uid)
);
CREATE INDEX mail_inbox_age ON referral.mail_inbox (receive_time);
CREATE INDEX mail_inbox_words ON referral.mail_inbox (words) WHERE message_id = '';
GRANT SELECT, INSERT ON referral.mail_inbox TO xxt_runtime;
SELECT backbone.keep('referral.mail_inbox', 'receive_time', '3 years', '6 months', 'Cybersecurity Law 21: logs');

-- A mail that the mail system may have without our knowing: written before it is
-- touched, deleted with what is known of it. Who finds a row of another attempt
-- does not send.
CREATE TABLE referral.mails_in_flight (
  task uuid PRIMARY KEY,
  fence bigint NOT NULL,
  since timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, DELETE ON referral.mails_in_flight TO xxt_runtime;

-- A mail that matched no referral. Its words are sealed with its own key until it
-- is filed: then they are an entry's, under the same id.
CREATE TABLE referral.unmatched_mails (
  id uuid PRIMARY KEY,
  state smallint NOT NULL CHECK (state BETWEEN 1 AND 3), -- 1 open, 2 filed, 3 set aside
  receive_time timestamptz NOT NULL,
  message bytea NOT NULL,
  sealed bytea,
  key bytea -- wrapped; NULL: erased
);
CREATE INDEX unmatched_mails_open ON referral.unmatched_mails (receive_time, id) WHERE state = 1;
SELECT backbone.holds_messages('referral.unmatched_mails', 'INSERT, UPDATE');

-- Files that came with mails: of an entry, or of an unmatched mail. An entry
-- made of the latter has its id.
CREATE TABLE referral.attachments (
  mail uuid NOT NULL,
  number int NOT NULL,
  part int NOT NULL, -- from 0, of equal size but the last
  sealed bytea NOT NULL, -- with the key of the referral, or of the unmatched mail
  write_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (mail, number, part)
);
-- What is sealed does not get smaller.
ALTER TABLE referral.attachments ALTER sealed SET STORAGE EXTERNAL;
GRANT SELECT, INSERT ON referral.attachments TO xxt_runtime;
GRANT UPDATE (sealed) ON referral.attachments TO xxt_runtime; -- of a mail that is filed
SELECT backbone.keep('referral.attachments', 'write_time', NULL, '3 years', 'goes with its referral');

-- Mail addresses that did not take a mail, until somebody has verified them.
CREATE TABLE referral.bounced_contacts (
  body text NOT NULL REFERENCES referral.bodies (id),
  unit text NOT NULL,
  address text NOT NULL,
  bounce_time timestamptz NOT NULL,
  PRIMARY KEY (body, unit, address)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON referral.bounced_contacts TO xxt_runtime;

SELECT backbone.check_partitions();

-- migrate:down
DELETE FROM backbone.retention
 WHERE relation IN ('referral.entries'::regclass, 'referral.mail_inbox'::regclass, 'referral.attachments'::regclass);
DROP TABLE referral.bounced_contacts, referral.attachments, referral.unmatched_mails, referral.mails_in_flight,
  referral.mail_inbox, referral.mail_pending, referral.mail_cursors, referral.mailboxes, referral.entries,
  referral.referrals;
