-- Bodies to try things out with. For development only; repeatable. Telephone
-- numbers and addresses are made up.

INSERT INTO referral.bodies (id, title, kind, doc) VALUES
('babaoshan', '八宝山殡仪馆', 'CREMATORIUM', '{
  "address": "北京市石景山区石景山路9号",
  "transport": "地铁1号线八宝山站，B口出向西步行约600米",
  "expected_workdays": 2,
  "documents_held": ["火化档案", "火化证明", "骨灰寄存记录"],
  "units": [
    {"id": "office", "title": "营业室", "opening_hours": "Mon-Fri 08:30-16:00",
     "contact_points": [
       {"channel": "PHONE", "address": "010-6000 1234", "source": "114", "verify_time": "2026-11-02T10:00:00+08:00"},
       {"channel": "EMAIL", "address": "archive@crematorium.example", "source": "官网",
        "verify_time": "2026-11-02T10:00:00+08:00"}]},
    {"id": "funeral", "title": "殡仪科", "opening_hours": "Mon-Sun 08:00-16:00",
     "contact_points": [{"channel": "PHONE", "address": "010-6000 1234 转 2", "source": "来电"}]},
    {"id": "archive", "title": "档案室", "opening_hours": "Mon-Fri 08:30-11:30,13:30-16:00",
     "contact_points": [
       {"channel": "PHONE", "address": "010-6000 1234 转 8", "person": "赵师傅", "source": "来电",
        "verify_time": "2026-11-03T15:20:00+08:00"},
       {"channel": "POST", "address": "八宝山殡仪馆办公楼二层档案室", "source": "来电"}]}]}'),
('xicheng-hr', '西城区人力资源公共服务中心', 'HR_CENTRE', '{
  "address": "北京市西城区华远街9号",
  "transport": "地铁1号线西单站，F2口出向西步行约400米",
  "expected_workdays": 3,
  "documents_held": ["人事档案", "退休审批表", "存档证明"],
  "units": [
    {"id": "files", "title": "档案管理科", "opening_hours": "Mon-Fri 09:00-12:00,13:30-17:00",
     "contact_points": [
       {"channel": "PHONE", "address": "010-6000 2200", "source": "官网"},
       {"channel": "EMAIL", "address": "files@hr.example", "source": "官网"}]},
    {"id": "pension", "title": "退休服务科", "opening_hours": "Mon-Fri 09:00-12:00,13:30-17:00",
     "contact_points": [{"channel": "PHONE", "address": "010-6000 2200 转 3", "source": "官网"}]}]}'),
('guangming-machinery', '北京光明机械厂（留守处）', 'EMPLOYER', '{
  "address": "北京市丰台区南苑路17号院3号楼",
  "transport": "公交特8路南苑路站，下车即到",
  "expected_workdays": 5,
  "documents_held": ["职工花名册", "工资表", "特殊工种登记表"],
  "units": [
    {"id": "labour", "title": "劳资组", "opening_hours": "Tue,Thu 09:00-11:30",
     "contact_points": [{"channel": "PHONE", "address": "010-6000 3377", "person": "孙会计", "source": "114"}]}]}'),
('taoranting-hospital', '陶然亭医院', 'HOSPITAL', '{
  "address": "北京市西城区太平街5号",
  "transport": "地铁4号线陶然亭站，D口出向北步行约300米",
  "expected_workdays": 2,
  "documents_held": ["住院病案", "死亡医学证明存根", "出生医学证明存根"],
  "units": [
    {"id": "records", "title": "病案室", "opening_hours": "Mon-Fri 08:00-11:30,13:30-16:30",
     "contact_points": [
       {"channel": "PHONE", "address": "010-6000 4501", "source": "官网"},
       {"channel": "EMAIL", "address": "records@hospital.example", "source": "官网"}]}]}'),
('xicheng-civil-affairs', '西城区民政局', 'BUREAU', '{
  "address": "北京市西城区二龙路27号",
  "transport": "地铁4号线灵境胡同站，A口出向西步行约700米",
  "expected_workdays": 3,
  "documents_held": ["丧葬补贴档案", "婚姻登记档案"],
  "units": [
    {"id": "social", "title": "社会事务科", "opening_hours": "Mon-Fri 09:00-12:00,13:30-17:30",
     "contact_points": [{"channel": "PHONE", "address": "010-6000 5610", "source": "官网"}]}]}')
ON CONFLICT (id) DO UPDATE SET title = excluded.title, kind = excluded.kind, doc = excluded.doc;
