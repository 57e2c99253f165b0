-- migrate:up
SET lock_timeout = '2s';

-- Halls with a listening window. Changed by migrations only.
CREATE TABLE intake.halls (
  -- "halls/110102016": GB/T 2260.
  name text COLLATE "C" PRIMARY KEY CHECK (name ~ '^halls/[0-9]{6}([0-9]{3})?$'),
  title text NOT NULL,
  -- As common/calendar/opening_hours.h reads it.
  opening_hours text NOT NULL,
  -- As a person reads it.
  phone_number text NOT NULL
);
GRANT SELECT ON intake.halls TO xxt_runtime;

CREATE TABLE intake.staff (
  name text COLLATE "C" PRIMARY KEY CHECK (name ~ '^staff/[a-z0-9-]{1,63}$'),
  display_name text NOT NULL,
  hall text NOT NULL REFERENCES intake.halls
);
CREATE INDEX staff_hall ON intake.staff (hall, name);
GRANT SELECT ON intake.staff TO xxt_runtime;

-- The duty rota (轮值). A day of a hall is replaced as a whole.
CREATE TABLE intake.shifts (
  hall text NOT NULL REFERENCES intake.halls,
  start_time timestamptz NOT NULL,
  end_time timestamptz NOT NULL,
  staff text NOT NULL REFERENCES intake.staff,
  -- Empty: nobody stands by.
  deputy text REFERENCES intake.staff,
  away boolean NOT NULL DEFAULT false,
  PRIMARY KEY (hall, start_time),
  CHECK (end_time > start_time),
  CHECK (deputy <> staff)
);
-- Who is on duty at a moment, or next: the first few that end after it.
CREATE INDEX shifts_end ON intake.shifts (hall, end_time);
GRANT SELECT, INSERT, DELETE ON intake.shifts TO xxt_runtime;

-- The halls of Xicheng: the district's and its 15 sub-districts' (GB/T 2260 and
-- the civil-affairs division list, as of 2024; the codes are not contiguous).
-- Opening hours and telephones are data like configuration: the hours are the
-- district's usual ones, the telephones are made up. Change them by a migration.
INSERT INTO intake.halls (name, title, opening_hours, phone_number) VALUES
  ('halls/110102', '西城区政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0000'),
  ('halls/110102001', '西长安街街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0001'),
  ('halls/110102003', '新街口街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0003'),
  ('halls/110102007', '月坛街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0007'),
  ('halls/110102009', '展览路街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0009'),
  ('halls/110102010', '德胜街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0010'),
  ('halls/110102011', '金融街街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0011'),
  ('halls/110102012', '什刹海街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0012'),
  ('halls/110102013', '大栅栏街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0013'),
  ('halls/110102014', '天桥街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0014'),
  ('halls/110102015', '椿树街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0015'),
  ('halls/110102016', '陶然亭街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0016'),
  ('halls/110102017', '广安门内街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0017'),
  ('halls/110102018', '牛街街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0018'),
  ('halls/110102019', '白纸坊街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0019'),
  ('halls/110102020', '广安门外街道政务服务中心', 'Mon-Fri 09:00-12:00,13:30-17:30', '010-6600 0020');

-- migrate:down
DROP TABLE intake.shifts, intake.staff, intake.halls;
