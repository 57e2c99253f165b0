-- People and a rota to try things out with. For development only; repeatable.

INSERT INTO intake.staff (name, display_name, hall) VALUES
  ('staff/wang', '王建国', 'halls/110102016'),
  ('staff/zhao-li', '赵丽', 'halls/110102016'),
  ('staff/li-min', '李敏', 'halls/110102016'),
  ('staff/chen', '陈晓', 'halls/110102016')
ON CONFLICT (name) DO NOTHING;

-- Every other hall has an officer and a deputy, named after its code.
INSERT INTO intake.staff (name, display_name, hall)
SELECT 'staff/' || role || '-' || substr(name, 7), display_name, name
  FROM intake.halls, (VALUES ('officer', '值班员'), ('deputy', '副值班员')) AS person (role, display_name)
 WHERE name <> 'halls/110102016'
ON CONFLICT (name) DO NOTHING;

-- Both halves of every weekday from 60 days ago to 60 days ahead. Announced rest
-- days are in the rota too: nobody comes then, and worked weekends are looked
-- after by the next shift.
INSERT INTO intake.shifts (hall, start_time, end_time, staff, deputy)
SELECT hall.name,
       (day + half.opens) AT TIME ZONE 'Asia/Shanghai',
       (day + half.closes) AT TIME ZONE 'Asia/Shanghai',
       CASE hall.name WHEN 'halls/110102016' THEN 'staff/wang' ELSE 'staff/officer-' || substr(hall.name, 7) END,
       CASE hall.name WHEN 'halls/110102016' THEN 'staff/zhao-li' ELSE 'staff/deputy-' || substr(hall.name, 7) END
  FROM intake.halls AS hall,
       generate_series(date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') - interval '60 days',
                       date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') + interval '60 days',
                       interval '1 day') AS day,
       (VALUES (interval '9 hours', interval '12 hours'),
               (interval '13 hours 30 minutes', interval '17 hours 30 minutes')) AS half (opens, closes)
 WHERE extract(isodow FROM day) <= 5
ON CONFLICT (hall, start_time) DO NOTHING;
