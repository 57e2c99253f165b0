-- migrate:up
SET lock_timeout = '2s';
-- The contact that a contact corrects. Without a default: NULL in rows of before, until `xxt-store backfill`.
ALTER TABLE intake.contacts ADD COLUMN corrects text;
-- Made in the transaction: contacts wait while the table is read once, some seconds for a million rows.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX contacts_corrections ON intake.contacts (case_id, record_number) WHERE corrects <> '';
SELECT backbone.holds_messages('intake.contacts', 'INSERT');
-- migrate:down
DROP INDEX intake.contacts_corrections;
ALTER TABLE intake.contacts DROP COLUMN corrects;
