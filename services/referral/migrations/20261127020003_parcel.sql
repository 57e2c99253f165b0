-- migrate:up
SET lock_timeout = '2s';

-- What goes between a hall and a body, and who has it.
CREATE TABLE referral.parcels (
  id uuid PRIMARY KEY,
  referral_id uuid NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea -- who signed, how it was lost
) WITH (fillfactor = 80);
CREATE INDEX parcels_referral ON referral.parcels (referral_id, id DESC);
SELECT backbone.holds_messages('referral.parcels', 'INSERT, UPDATE');

-- migrate:down
DROP TABLE referral.parcels;
