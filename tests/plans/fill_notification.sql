-- :n messages with a delivery each. All arrived but half of the last 10,000.
INSERT INTO notification.messages (id, event, audience, case_id, hall, state, template, template_version, urgent, doc, create_time,
                                   update_time)
SELECT lpad(to_hex(i), 32, '0')::uuid, 'event/' || i, 'APPLICANT', lpad(to_hex(i / 5), 32, '0')::uuid, 'halls/' || 110102000 + i % 16,
       CASE CASE WHEN i <= :n - 10000 THEN 9 ELSE i / 16 % 10 END WHEN 0 THEN 'IN_DOUBT' WHEN 1 THEN 'SENDING' WHEN 2 THEN 'HANDED_TO_STAFF' WHEN 3 THEN 'NOT_REACHED'
                          WHEN 4 THEN 'SUPPRESSED' ELSE 'DELIVERED' END,
       'case-received', 1, false,
       '{"recipient": {"display_name": "某人", "phone_number": "+8613800000000"}, "sms_text": "您的事项已受理，工作人员将在两小时内与您联系。"}',
       now() - (:n - i) * interval '1 minute', now()
  FROM generate_series(1, :n) AS i;
INSERT INTO notification.deliveries (id, message_id, channel, ordinal, state, failure, detail, provider_reference, attempt_count,
                                     in_flight_since, create_time, update_time)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i), 32, '0')::uuid, 'SMS', 1, 'DELIVERED', NULL, '', '', 1, NULL, now(), now()
  FROM generate_series(1, :n) AS i;
INSERT INTO notification.receipts (source, epoch, seq, delivery_id, reference, state, detail)
SELECT 'gateway', 0, i, lpad(to_hex(i), 32, '0')::uuid, 'r' || i, 'DELIVERED', '' FROM generate_series(1, :n) AS i;
INSERT INTO notification.receipt_cursors (source, epoch, seq) VALUES ('gateway', 0, :n);
INSERT INTO notification.decisions (id, message_id, staff, outcome, note, time)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i), 32, '0')::uuid, 'staff/1', 'REACHED', '', now()
  FROM generate_series(1, :n) AS i;
INSERT INTO notification.reports (id, message_id, version, state, channel, time)
SELECT lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(i), 32, '0')::uuid, 1, 'DELIVERED', 'SMS', now()
  FROM generate_series(1, :n) AS i;
