-- Tables that every service has, with :n rows. Identifiers are counted: row i has the id to_hex(i).
-- Of people's tasks 3,000 are due; the machine has 3,000 at hand, and timers.
INSERT INTO backbone.desk_task (id, kind, subject, dedupe_key, due, hall, assignee)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'case.act', 'cases/' || i / 2, 'desk/' || i,
       now() + (i % 1000 - CASE WHEN i <= 10000 THEN 300 ELSE 0 END) * interval '1 hour', 'halls/' || 110102000 + i % 16,
       'staff/' || i % 500
  FROM generate_series(1, :n) AS i;
INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, state, due, not_before, lease_until)
SELECT lpad(to_hex(100000000 + i), 32, '0')::uuid, 'case.tell', 'normal', 'cases/' || i, 'machine/' || i,
       CASE WHEN i <= 50 THEN 'running' WHEN i <= 100 THEN 'dead' ELSE 'pending' END, now() + (i - :n - 1) * interval '1 second',
       CASE WHEN i BETWEEN 51 AND 100 THEN 'infinity' ELSE now() - interval '1 hour' END,
       CASE WHEN i <= 50 THEN now() + interval '20 s' END
  FROM generate_series(1, :n) AS i;
INSERT INTO backbone.timer (id, kind, lane, subject, dedupe_key, due)
SELECT lpad(to_hex(200000000 + i), 32, '0')::uuid, 'referral.chase', 'normal', 'referrals/' || i / 2, 'timer/' || i,
       now() + i * interval '1 second'
  FROM generate_series(1, :n) AS i;
INSERT INTO backbone.attempt (task_id, fence, outcome, holder)
SELECT lpad(to_hex(100000000 + i), 32, '0')::uuid, 1, 'started', 'me' FROM generate_series(1, :n) AS i;
INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'case.created.v1', 'cases/' || i / 5, 'halls/' || 110102000 + i % 16, 'staff/wang',
       '新诉求', now()
  FROM generate_series(1, :n) AS i;
-- All but the last 300.
INSERT INTO backbone.event_seal
SELECT row_number() OVER (ORDER BY row_number), now(), now(), '\x00', now(), 1, '\x00', '\x00', '\x00', transaction, row_number
  FROM backbone.event AS e ORDER BY e.row_number LIMIT :n - 300;
INSERT INTO backbone.idempotency (request_id, caller, method, request_mac, response, create_time)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'staff/wang', 'CreateCase', '\x00', '\x00', now() - (i % 29) * interval '1 day'
  FROM generate_series(1, :n) AS i;
