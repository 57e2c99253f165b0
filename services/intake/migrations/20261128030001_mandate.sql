-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.mandates (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea
) WITH (fillfactor = 80);
CREATE INDEX mandates_of_case ON intake.mandates (case_id, id DESC);
SELECT backbone.holds_messages('intake.mandates', 'INSERT, UPDATE');

-- What must be done in person in a case.
CREATE TABLE intake.in_person_items (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  record_number bigint GENERATED ALWAYS AS IDENTITY, -- the order of writing
  message bytea NOT NULL,
  sealed bytea
);
CREATE INDEX in_person_items_of_case ON intake.in_person_items (case_id, record_number);
SELECT backbone.holds_messages('intake.in_person_items', 'INSERT'); -- services write it once and never change it
-- migrate:down
DROP TABLE intake.in_person_items, intake.mandates;
