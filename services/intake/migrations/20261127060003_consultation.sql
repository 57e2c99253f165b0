-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.consultations (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  record_number bigint GENERATED ALWAYS AS IDENTITY, -- the order of writing
  message bytea NOT NULL,
  sealed bytea
);
CREATE INDEX consultations_of_case ON intake.consultations (case_id, record_number);
SELECT backbone.holds_messages('intake.consultations', 'INSERT'); -- services write it once and never change it
-- migrate:down
DROP TABLE intake.consultations;
