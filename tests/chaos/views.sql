-- What the judge reads, and all that it knows of the tables: when they change, these views change and it does not.
-- Made by the superuser in each service's database once a campaign is over. :service is its name.
CREATE SCHEMA judge;

-- Open work, of the machine and of people. `next_try` is database time, `due` business time.
CREATE VIEW judge.tasks AS
SELECT id, kind, lane, subject, dedupe_key, state, due, not_before AS next_try, fence, crashes, hall, last_error,
       replace(payload ->> 'kind', 'KIND_', '') AS report, payload ->> 'route_sheet_version' AS route_sheet
  FROM backbone.task;

CREATE VIEW judge.settled AS
SELECT id, kind, subject, outcome, create_time, settle_time FROM backbone.task_settled;

-- What was done with tasks: started, done, retry, dead, given_back, late.
CREATE VIEW judge.moves AS
SELECT task_id, fence, outcome AS move, coalesce(detail, '') AS detail, coalesce(holder, '') AS holder, time
  FROM backbone.attempt;

-- In commit order, as watches must tell them.
CREATE VIEW judge.events AS
SELECT id, type, subject, hall, actor, summary, time, record_time, transaction::text::bigint AS transaction, row_number
  FROM backbone.event;

-- Every table partitioned by time: for how many steps from now on it has partitions, and should have.
CREATE VIEW judge.partitions AS
SELECT r.relation::text AS parent, r.step, r.ahead AS wanted,
       count(*) FILTER (WHERE NOT p.is_default AND p.low > now()) AS ahead
  FROM backbone.retention AS r LEFT JOIN backbone.time_partitions AS p ON p.parent = r.relation
 WHERE r.step IS NOT NULL GROUP BY r.relation, r.step, r.ahead;

-- How many PostgreSQL had to end. It counts from its last begin on: anew after a crash, and as a promoted standby.
CREATE VIEW judge.deadlocks AS
SELECT deadlocks FROM pg_stat_database WHERE datname = current_database();

SELECT :'service' = 'intake' AS intake, :'service' = 'referral' AS referral, :'service' = 'notification' AS notification
\gset
\if :intake
CREATE VIEW judge.cases AS
SELECT 'cases/' || id AS name, CASE state WHEN 1 THEN 'IN_PROGRESS' WHEN 2 THEN 'CLOSURE_PROPOSED' ELSE 'CLOSED' END AS state,
       next_action_time, version
  FROM intake.cases;

-- That there is one. What it says is in its message: the service lists it.
CREATE VIEW judge.papers AS
SELECT 'cases/' || case_id AS case_name FROM intake.papers;

CREATE VIEW judge.promises AS
SELECT 'cases/' || case_id || '/promises/' || id AS name, 'cases/' || case_id AS case_name,
       (ARRAY['OPEN', 'KEPT', 'BROKEN', 'KEPT_LATE'])[state] AS state, due_time, version
  FROM intake.promises;

-- That there is one. What it says is sealed: the service lists it (evidence.py).
CREATE VIEW judge.contacts AS
SELECT 'cases/' || case_id AS case_name FROM intake.contacts;
\endif
\if :referral
-- Whom it asks how, and its last day, are in the message: the service lists them (evidence.py).
CREATE VIEW judge.referrals AS
SELECT 'referrals/' || id AS name, case_name,
       (ARRAY['QUEUED', 'SENT', 'ACCEPTED', 'NEEDS_INPUT', 'ANSWERED', 'NOT_HELD', 'REDIRECTED', 'DECLINED', 'NO_ANSWER',
              'CANCELLED'])[state] AS state,
       next_action_time, answer_code, mail_due, person_asked, next_action_time = 'infinity' AS ended
  FROM referral.referrals;

-- That there is an entry. What it says is sealed: the service lists it (evidence.py).
CREATE VIEW judge.entries AS
SELECT 'referrals/' || referral_id AS referral FROM referral.entries;

-- Mails that were read from the mailbox, each once.
CREATE VIEW judge.inbox AS
SELECT uid FROM referral.mail_inbox WHERE identity IS NOT NULL;

-- That there is one. What it says is sealed: the service shows it (evidence.py).
CREATE VIEW judge.unmatched AS
SELECT id, state <> 1 AS filed FROM referral.unmatched_mails;

-- Addresses of the directory that did not take a mail.
CREATE VIEW judge.dead_contacts AS
SELECT body || '/' || unit || '/' || address AS name FROM referral.bounced_contacts;
\endif
\if :notification
CREATE VIEW judge.messages AS
SELECT 'messages/' || id AS name, event, case_name, audience,
       (ARRAY['SENDING', 'DELIVERED', 'HANDED_TO_STAFF', 'IN_DOUBT', 'NOT_REACHED', 'SUPPRESSED'])[state] AS state,
       -- By how many corrections whom it is for is known, or will be once the message is free to change.
       known_revision AS revision,
       -- Business time; its words are true before the second.
       create_time, nullif(true_until, 'infinity') AS true_until
  FROM notification.messages;

CREATE VIEW judge.deliveries AS
SELECT id, 'messages/' || message_id AS message, CASE channel WHEN 5 THEN 'SMS' ELSE 'PHONE' END AS channel
  FROM notification.deliveries;

CREATE VIEW judge.reports AS
SELECT id, 'messages/' || message_id AS message,
       (ARRAY['SENDING', 'DELIVERED', 'HANDED_TO_STAFF', 'IN_DOUBT', 'NOT_REACHED', 'SUPPRESSED'])[state] AS state
  FROM notification.reports;

CREATE VIEW judge.decisions AS
SELECT 'messages/' || message_id AS message, staff, outcome FROM notification.decisions;
\endif
