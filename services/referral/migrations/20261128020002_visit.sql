-- migrate:up
SET lock_timeout = '2s';

-- Who is fetched, accompanied and brought home.
CREATE TABLE referral.visits (
  id uuid PRIMARY KEY,
  referral_id uuid NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea -- what was found by the checks, what happened on the way
) WITH (fillfactor = 80);
CREATE INDEX visits_referral ON referral.visits (referral_id, id DESC);
SELECT backbone.holds_messages('referral.visits', 'INSERT, UPDATE');

-- migrate:down
DROP TABLE referral.visits;
