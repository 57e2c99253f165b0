-- migrate:up
SET lock_timeout = '2s';

-- Who may hold a paper, and who was asked. `key` seals what is personal in it.
CREATE TABLE referral.searches (
  id uuid PRIMARY KEY,
  case_name text NOT NULL,
  hall text NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea, -- the question, what is disclosed and on what it rests, what officers remark
  key bytea -- wrapped; NULL: erased
);
CREATE INDEX searches_case ON referral.searches (case_name, id);
CREATE INDEX searches_hall ON referral.searches (hall, id);
SELECT backbone.holds_messages('referral.searches', 'INSERT, UPDATE');

-- migrate:down
DROP TABLE referral.searches;
