-- migrate:up
SET lock_timeout = '2s';

-- Consents that were taken back, each once. Nothing personal: what was said is in the contact that it names.
CREATE TABLE referral.withdrawals (
  id uuid PRIMARY KEY,
  case_name text NOT NULL,
  hall text NOT NULL,
  recorded_in text NOT NULL CONSTRAINT withdrawals_once UNIQUE,
  message bytea NOT NULL,
  sealed bytea,
  key bytea -- wrapped; NULL: erased
);
CREATE INDEX withdrawals_case ON referral.withdrawals (case_name, id);
SELECT backbone.holds_messages('referral.withdrawals', 'INSERT, UPDATE');

-- migrate:down
DROP TABLE referral.withdrawals;
