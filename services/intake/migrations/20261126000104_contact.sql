-- migrate:up
SET lock_timeout = '2s';
CREATE TABLE intake.contacts (
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  record_number bigint GENERATED ALWAYS AS IDENTITY, -- the order of writing
  message bytea NOT NULL,
  sealed bytea,
  store_time timestamptz NOT NULL DEFAULT now() -- database time: the partition
) PARTITION BY RANGE (store_time);
CREATE INDEX contacts_case ON intake.contacts (case_id, record_number);
SELECT backbone.holds_messages('intake.contacts', 'INSERT'); -- services write it once and never change it
SELECT backbone.keep('intake.contacts', 'store_time', NULL, '3 years', 'goes with its case', 'month');
SELECT backbone.check_partitions();
-- migrate:down
DELETE FROM backbone.retention WHERE relation = 'intake.contacts'::regclass;
DROP TABLE intake.contacts;
