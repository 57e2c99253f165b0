-- migrate:up
SET lock_timeout = '2s';

-- What somebody found out about a body's rules.
CREATE TABLE referral.rule_notes (
  id uuid PRIMARY KEY,
  body_id text NOT NULL REFERENCES referral.bodies (id),
  verify_time timestamptz NOT NULL,
  message bytea NOT NULL,
  sealed bytea -- words: under the body's key
);
CREATE INDEX rule_notes_body ON referral.rule_notes (body_id, verify_time, id);
SELECT backbone.holds_messages('referral.rule_notes', 'INSERT'); -- a new finding is a new row

-- migrate:down
DROP TABLE referral.rule_notes;
