-- migrate:up
SET lock_timeout = '2s';

-- What bodies' answers have taught, by the paper that was sought. Nothing of people.
CREATE TABLE referral.learned (
  body text NOT NULL REFERENCES referral.bodies (id),
  document text NOT NULL,
  asked_count int NOT NULL,
  held_count int NOT NULL,
  workdays int[] NOT NULL, -- from sending to the end, the newest first
  PRIMARY KEY (body, document)
);
CREATE INDEX learned_document ON referral.learned (document, held_count DESC, body);
GRANT SELECT, INSERT, UPDATE ON referral.learned TO xxt_runtime;

-- migrate:down
DROP TABLE referral.learned;
