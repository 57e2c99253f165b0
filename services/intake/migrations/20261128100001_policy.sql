-- migrate:up
SET lock_timeout = '2s';
-- Versions of policies. Nothing in them is personal: no row has a key.
CREATE TABLE intake.policies (
  id uuid PRIMARY KEY,
  benefit text NOT NULL,
  state smallint NOT NULL, -- 1 current, 2 replaced, 3 repealed
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
);
CREATE INDEX policies_of_benefit ON intake.policies (benefit, id DESC);
CREATE INDEX policies_current ON intake.policies (id DESC) WHERE state = 1;
-- One version stands at a time.
CREATE UNIQUE INDEX policies_current_of_benefit ON intake.policies (benefit) WHERE state = 1;
SELECT backbone.holds_messages('intake.policies', 'INSERT, UPDATE');
CREATE TABLE intake.policy_consents (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  hall text NOT NULL,
  state smallint NOT NULL, -- 1 given, 2 withdrawn
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX policy_consents_of_case ON intake.policy_consents (case_id, id DESC);
CREATE INDEX policy_consents_given_hall ON intake.policy_consents (hall, id) WHERE state = 1;
CREATE INDEX policy_consents_given ON intake.policy_consents (id) WHERE state = 1 AND hall <> '';
-- A household is matched by one consent.
CREATE UNIQUE INDEX policy_consents_one ON intake.policy_consents (case_id) WHERE state = 1;
SELECT backbone.holds_messages('intake.policy_consents', 'INSERT, UPDATE');
CREATE TABLE intake.policy_hits (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  hall text NOT NULL,
  state smallint NOT NULL, -- 1 proposed, 2 accepted, 3 dismissed, 4 void
  policy text NOT NULL,
  next_action_time timestamptz, -- of one that is proposed
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea,
  CHECK (state <> 1 OR next_action_time IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX policy_hits_of_case ON intake.policy_hits (case_id, id DESC);
CREATE INDEX policy_hits_open_hall ON intake.policy_hits (hall, next_action_time, id) WHERE state = 1;
CREATE INDEX policy_hits_open ON intake.policy_hits (next_action_time, id) WHERE state = 1 AND hall <> '';
-- Exactly one for each version of a policy and case.
CREATE UNIQUE INDEX policy_hits_one ON intake.policy_hits (case_id, policy);
SELECT backbone.holds_messages('intake.policy_hits', 'INSERT, UPDATE');
-- migrate:down
DROP TABLE intake.policy_hits;
DROP TABLE intake.policy_consents;
DROP TABLE intake.policies;
