-- :n messages with a delivery each. All arrived but half of the last 10,000.
INSERT INTO notification.messages (id, event, audience, case_name, hall, topic, revision, state, known_revision, true_until,
                                   create_time, version, message, sealed)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'event/' || i, 'APPLICANT', 'cases/' || lpad(to_hex(i / 5), 32, '0')::uuid,
       'halls/' || 110102000 + i % 16, '', 0,
       CASE CASE WHEN i <= :n - 10000 THEN 9 ELSE i / 16 % 10 END WHEN 0 THEN 4 WHEN 1 THEN 1 WHEN 2 THEN 3 WHEN 3 THEN 5
                          WHEN 4 THEN 6 ELSE 2 END,
       0, 'infinity', now() - (:n - i) * interval '1 minute', 1, decode(repeat('5a', 400), 'hex'), decode(repeat('5a', 900), 'hex')
  FROM generate_series(1, :n) AS i;
INSERT INTO notification.deliveries (id, message_id, channel)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i), 32, '0')::uuid, 5 FROM generate_series(1, :n) AS i;
INSERT INTO notification.audiences (name, revision) SELECT 'cases/' || i || '/parties/p', 1 FROM generate_series(1, :n) AS i;
INSERT INTO notification.receipts (source, epoch, seq, delivery_id, reference, state, detail)
SELECT 'gateway', 0, i, lpad(to_hex(i), 32, '0')::uuid, 'r' || i, 'DELIVERED', '' FROM generate_series(1, :n) AS i;
INSERT INTO notification.receipt_cursors (source, epoch, seq) VALUES ('gateway', 0, :n);
INSERT INTO notification.decisions (id, message_id, staff, outcome, message)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i), 32, '0')::uuid, 'staff/1', 'REACHED', '\x'
  FROM generate_series(1, :n) AS i;
INSERT INTO notification.reports (id, message_id, version, state, channel, time)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i), 32, '0')::uuid, 1, 2, 5, now()
  FROM generate_series(1, :n) AS i;
