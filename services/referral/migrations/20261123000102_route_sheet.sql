-- migrate:up
SET lock_timeout = '2s';

-- What people have in hand. Services write it once and never change it; counted from 1 under the referral's lock.
CREATE TABLE referral.route_sheets (
  referral_id uuid NOT NULL REFERENCES referral.referrals (id),
  id text NOT NULL CHECK (id ~ '^[1-9][0-9]{0,5}$'),
  message bytea NOT NULL,
  sealed bytea, -- what is written and printed on it
  PRIMARY KEY (referral_id, id)
);
SELECT backbone.holds_messages('referral.route_sheets', 'INSERT');

-- migrate:down
DROP TABLE referral.route_sheets;
