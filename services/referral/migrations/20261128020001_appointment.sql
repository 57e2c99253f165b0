-- migrate:up
SET lock_timeout = '2s';

-- When somebody is expected at a body.
CREATE TABLE referral.appointments (
  id uuid PRIMARY KEY,
  referral_id uuid NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea -- what for, who confirmed, why it was moved, what came of it
) WITH (fillfactor = 80);
CREATE INDEX appointments_referral ON referral.appointments (referral_id, id DESC);
SELECT backbone.holds_messages('referral.appointments', 'INSERT, UPDATE');

-- migrate:down
DROP TABLE referral.appointments;
