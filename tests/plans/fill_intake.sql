-- :n cases over 16 halls, each with 25 officers. What is open is among the last 10,000: three of ten, and one of ten is
-- up for closing. Four are one person's.
INSERT INTO intake.halls (name, title, opening_hours, phone_number)
SELECT 'halls/' || 110102000 + i, '大厅', 'Mon-Fri 09:00-17:00', '010-66000000'
  FROM generate_series(0, 15) AS i ON CONFLICT DO NOTHING;
INSERT INTO intake.staff (name, display_name, hall)
SELECT 'staff/' || i, '某人', 'halls/' || 110102000 + i % 16 FROM generate_series(0, 1999) AS i;
INSERT INTO intake.shifts (hall, start_time, end_time, staff, deputy, away)
SELECT 'halls/' || 110102000 + i % 16, now() + (i / 16 - 700) * interval '1 day', now() + (i / 16 - 700) * interval '1 day' + interval '8 hours',
       'staff/' || i % 2000, NULL, false
  FROM generate_series(0, 16 * 730) AS i;
INSERT INTO intake.cases (id, display_code, hall, state, owner, next_action_time, create_time, close_time, version, message, sealed, search, key)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'code-' || i, 'halls/' || 110102000 + i % 16, state, 'staff/' || i % 16 + 16 * (i / 16 % 25),
       CASE state WHEN 3 THEN 'infinity' ELSE now() + (i % 997 - 300) * interval '1 hour' END,
       now() - (:n - i) * interval '1 minute', CASE state WHEN 3 THEN least(now(), now() - (:n - i - 1440) * interval '1 minute') END, 1, decode(repeat('5a', 400), 'hex'), decode(repeat('5a', 300), 'hex'),
       decode(md5((i / 4)::text), 'hex'), '\x00'
  FROM generate_series(1, :n) AS i
 CROSS JOIN LATERAL (SELECT CASE WHEN i <= :n - 10000 THEN 3 WHEN i / 16 % 10 = 0 THEN 2 WHEN i / 16 % 10 < 4 THEN 1 ELSE 3 END) AS s (state);
INSERT INTO intake.contacts (id, case_id, corrects, message, sealed)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid,
       CASE WHEN i % 5 = 3 THEN 'cases/x/contacts/y' ELSE '' END, decode(repeat('5a', 120), 'hex'), decode(repeat('5a', 100), 'hex')
  FROM generate_series(1, :n) AS i;
-- Five of each case.
INSERT INTO intake.papers (id, case_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
-- Five of each case; one of thirty is broken, the rest open or kept.
INSERT INTO intake.promises (id, case_id, hall, state, due_time, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 'halls/' || 110102000 + i % 16,
       CASE WHEN i % 30 = 7 THEN 3 WHEN i % 3 = 0 THEN 1 ELSE 2 END, now() + (i % 997 - 900) * interval '1 hour', 1, '\x'
  FROM generate_series(1, :n) AS i;
INSERT INTO intake.terms (id, case_id, hall, state, due_time, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 'halls/' || 110102000 + i % 16,
       CASE WHEN i % 30 = 7 THEN 4 WHEN i % 3 = 0 THEN 1 ELSE 3 END, now() + (i % 997 - 900) * interval '1 hour', 1, '\x'
  FROM generate_series(1, :n) AS i;
-- Five of each case; one of thirty is due.
INSERT INTO intake.aftercares (id, case_id, hall, state, next_touch_time, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 'halls/' || 110102000 + i % 16,
       CASE WHEN i % 30 = 7 THEN 2 WHEN i % 3 = 0 THEN 1 ELSE 3 END, now() + (i % 997 - 900) * interval '1 hour', 1, '\x'
  FROM generate_series(1, :n) AS i;
-- One of ten policies stands; one of each case has been asked, one of thirty hits waits.
INSERT INTO intake.policies (id, benefit, state, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'benefits/benefit-' || i / 10, CASE WHEN i % 10 = 9 THEN 1 ELSE 2 END, 1, '\x'
  FROM generate_series(1, greatest(1000, :n / 10)) AS i;
INSERT INTO intake.policy_consents (id, case_id, hall, state, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 'halls/' || 110102000 + i % 16,
       CASE WHEN i % 5 = 4 THEN 1 ELSE 2 END, 1, '\x'
  FROM generate_series(1, :n) AS i;
INSERT INTO intake.policy_hits (id, case_id, hall, state, policy, next_action_time, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 'halls/' || 110102000 + i % 16,
       CASE WHEN i % 30 = 7 THEN 1 ELSE 2 END, 'policies/' || i % 5, now() + (i % 997 - 900) * interval '1 hour', 1, '\x'
  FROM generate_series(1, :n) AS i;
-- Five of each case.
INSERT INTO intake.facts (id, case_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.kin_scopes (id, case_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.handovers (id, case_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.escalations (id, case_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.mandates (id, case_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.in_person_items (id, case_id, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.life_events (id, case_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.packets (id, case_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.plans (id, case_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.questions (id, case_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.praises (id, case_id, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.consultations (id, case_id, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.benefits (id, version, message)
SELECT 'benefit-' || i, 1, '\x' FROM generate_series(1, greatest(1000, :n / 10)) AS i;
INSERT INTO intake.verdicts (id, case_id, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.progress_codes (id, case_id, key_hash, state, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 'key-' || i, 1 + i % 2, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO intake.progress_tries (bucket, since, tries) SELECT i, now(), 1 FROM generate_series(0, 65535) AS i;
-- Of each case one; those of one service item in fifty.
INSERT INTO intake.case_difficulties (case_id, hall, open_day, service_item, difficulty)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'halls/' || 110102000 + i % 16, (now() - (:n - i) * interval '1 minute')::date, '事项' || i % 50, 1 + i % 7
  FROM generate_series(1, :n) AS i;
-- To each officer many.
INSERT INTO intake.shift_handovers (id, hall, recipient, version, message, key)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'halls/' || 110102000 + i % 16, 'staff/' || i % 16 + 16 * (i / 16 % 25), 1, '\x', '\x00'
  FROM generate_series(1, :n) AS i;
INSERT INTO intake.follow_ups (id, case_id, hall, state, due_time, end_time, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 'halls/' || 110102000 + i % 16, 1 + i % 4, now() + (i % 997 - 900) * interval '1 hour', now() + (i % 997 - 900) * interval '1 hour', 1, '\x'
  FROM generate_series(1, :n) AS i;
INSERT INTO intake.disputes (id, case_id, hall, state, due_time, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i / 5), 32, '0')::uuid, 'halls/' || 110102000 + i % 16, 1 + i % 5, now() + (i % 997 - 900) * interval '1 hour', 1, '\x'
  FROM generate_series(1, :n) AS i;
