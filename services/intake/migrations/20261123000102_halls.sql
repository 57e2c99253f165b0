-- migrate:up
SET lock_timeout = '2s';

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
DELETE FROM intake.halls;
