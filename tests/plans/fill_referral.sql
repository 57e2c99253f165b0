-- :n referrals, of which all have ended but three of ten of the last 10,000, and a directory of :n / 10 bodies with names as they are.
INSERT INTO referral.bodies (id, title, kind, words, version, message)
SELECT 'body-' || i, title, (ARRAY[1, 4, 2, 3, 9, 6])[1 + i / 70 % 6],
       CASE WHEN i < 100 THEN title || E'\n火化档案\n骨灰寄存记录' ELSE title END, 1, '\x'
  FROM generate_series(1, greatest(1000, :n / 10)) AS i
 CROSS JOIN LATERAL (SELECT
       (ARRAY['北京', '上海', '天津', '重庆', '石家庄', '太原', '沈阳', '长春', '哈尔滨', '南京'])[1 + i % 10] || '市'
       || (ARRAY['第一', '第二', '光明', '东风', '红星', '和平', '友谊'])[1 + i / 10 % 7]
       || (ARRAY['殡仪馆', '医院', '人力资源公共服务中心', '机械厂', '民政局', '档案馆'])[1 + i / 70 % 6] || i) AS s (title);
INSERT INTO referral.rule_notes (id, body_id, verify_time, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'body-' || 1 + i / 10 % greatest(1000, :n / 10), now() - i * interval '1 second', '\x'
  FROM generate_series(0, :n / 5) AS i;
INSERT INTO referral.referrals (id, case_name, hall, state, next_action_time, answer_code, mail_due, person_asked, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'cases/' || lpad(to_hex(i / 3), 32, '0')::uuid, 'halls/' || 110102000 + i % 16,
       CASE WHEN open THEN 2 ELSE 5 END, CASE WHEN open THEN now() + (i % 997 - 300) * interval '1 hour' ELSE 'infinity' END,
       'XXT-' || i, '', false, 1, '\x'
  FROM generate_series(1, :n) AS i CROSS JOIN LATERAL (SELECT i > :n - 10000 AND i / 16 % 10 < 3) AS s (open);
INSERT INTO referral.entries (id, referral_id, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(1 + i / 6), 32, '0')::uuid, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO referral.route_sheets (referral_id, id, message)
SELECT lpad(to_hex(1 + i / 3), 32, '0')::uuid, 1 + i % 3, '\x' FROM generate_series(0, :n / 2) AS i;
INSERT INTO referral.mail_inbox (mailbox, uid_validity, uid, message_id, thread, words, identity, receive_time)
SELECT 'archive@hall.example', 1, i, CASE WHEN i % 2 = 0 THEN 'm' || i ELSE '' END, '{}', sha256(i::text::bytea), sha256(i::text::bytea), now() FROM generate_series(1, :n) AS i;
INSERT INTO referral.unmatched_mails (id, state, receive_time, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, CASE WHEN i > 100 THEN 3 ELSE 1 END, now() - i * interval '1 minute', '\x'
  FROM generate_series(1, :n / 5) AS i;
INSERT INTO referral.mailboxes (mailbox) VALUES ('archive@hall.example');
INSERT INTO referral.mail_cursors (mailbox, uid_validity, last_uid) VALUES ('archive@hall.example', 1, :n);
INSERT INTO referral.mail_pending (mailbox, uid_validity, uid) SELECT 'archive@hall.example', 1, i FROM generate_series(1, 100) AS i;
INSERT INTO referral.attachments (mail, number, part, sealed) SELECT lpad(to_hex(i), 32, '0')::uuid, 1, 0, 'scan' FROM generate_series(1, :n / 5) AS i;
INSERT INTO referral.bounced_contacts (body, unit, address, bounce_time)
SELECT id, 'office', 'a@b.example', now() FROM referral.bodies LIMIT 100;
-- Five documents of each body.
INSERT INTO referral.learned (body, document, asked_count, held_count, workdays)
SELECT 'body-' || 1 + i / 5, '材料' || i % 997, 9, i % 7, ARRAY[1, 2, 3] FROM generate_series(0, :n / 4) AS i;
INSERT INTO referral.searches (id, case_name, hall, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'cases/' || lpad(to_hex(i / 3), 32, '0')::uuid, 'halls/' || 110102000 + i % 16, 1, '\x'
  FROM generate_series(1, :n / 5) AS i;
INSERT INTO referral.parcels (id, referral_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(1 + i / 6), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO referral.appointments (id, referral_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(1 + i / 6), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO referral.visits (id, referral_id, version, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(1 + i / 6), 32, '0')::uuid, 1, '\x' FROM generate_series(1, :n) AS i;
INSERT INTO referral.withdrawals (id, case_name, hall, recorded_in, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'cases/' || lpad(to_hex(i / 3), 32, '0')::uuid, 'halls/' || 110102000 + i % 16, 'contacts/' || i, '\x'
  FROM generate_series(1, :n / 5) AS i;
