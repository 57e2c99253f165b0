"""What the statements are asked with: SQL for each $n, over the rows of fill_*.sql. :r is the number of some row."""

ID = "lpad(to_hex(:r), 32, '0')::uuid"


def part(count):
    """The id of what has `count` rows here."""
    return f"lpad(to_hex(:r / {count}), 32, '0')::uuid"


# With a rule note, part(5).
NOTED_BODY = "('body-' || 1 + :r / 50 % greatest(1000, :n / 10))::text"
# With what hangs on it.
REFERRAL = "lpad(to_hex(1 + :r / 6), 32, '0')::uuid"
IDS = f"ARRAY[{ID}]"
CASE_NAME = f"('cases/' || {part(5)})::text"
MACHINE = "lpad(to_hex(100000000 + 1 + :r % 500), 32, '0')::uuid"
MACHINES = f"ARRAY[{MACHINE}]"
HALL = "('halls/' || 110102000 + :r % 16)::text"
OWNER = "('staff/' || :r % 16 + 16 * (:r / 16 % 25))::text"
ANY_HALL = "NULL::text"
FIRST = ["'-infinity'::timestamptz", "'00000000-0000-0000-0000-000000000000'::uuid"]
LAST = ["'infinity'::timestamptz", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid"]
PAGE = "51::int"
NOW = "now()"
# 0: of states that only a newer version knows, too.
OPEN = "'{1,2,0}'::int[]"
# Few are in this state, and the last rows of the order are not among them.
RARE = "'{2}'::int[]"
LATELY = "now() - interval '100 s'"
DUE = ["false::boolean", NOW, *FIRST, PAGE]

# Of statements that are made from messages, by the parameter's name and type; of a table in which that finds nothing, by
# its name, too.
OF_COLUMN = {"next_action_time timestamptz": NOW, "close_time timestamptz": "NULL::timestamptz", "id uuid": ID,
             "id text": "'body-7'::text", "verify_time timestamptz": LAST[0],
             "create_time timestamptz": LAST[0], "message_id uuid": ID, "case_id uuid": part(5), "referral_id uuid": REFERRAL, "hall text": HALL, "limit bigint": PAGE, "id uuid after": FIRST[1],
             "unmatched_mails.id uuid": part(5), "route_sheets.id text": "'2'::text",
             "benefits.id text": "'benefit-7'::text", "policies.benefit text": "'benefits/benefit-7'::text",
             # One stands already.
             "policies.state smallint": "2::smallint", "policy_consents.state smallint": "2::smallint",
             "rule_notes.id uuid": part(5), "rule_notes.body_id text": NOTED_BODY,
             "shift_handovers.recipient text": OWNER,
             "searches.id uuid": part(5), "searches.case_name text": f"('cases/' || {part(15)})::text",
             "withdrawals.id uuid": part(5), "withdrawals.case_name text": f"('cases/' || {part(15)})::text"}
OF_TYPE = {"timestamptz": FIRST[0], "smallint": "1::smallint", "bigint": "1::bigint", "text": "'x'::text", "bytea": "''::bytea",
           "boolean": "true::boolean", "date": "current_date"}


def of_message(statement):
    """What one that is made from a message is asked with. A page's key ends with an id, which is the first there can be."""
    page = statement.parameters[-1] == "limit bigint"
    table = statement.name.split(".")[0]
    return [OF_COLUMN["id uuid after"] if page and one == "id uuid"
            else OF_COLUMN.get(f"{table}.{one}") or OF_COLUMN.get(one) or OF_TYPE[one.split()[1]]
            for one in statement.parameters]


def asked_with(statement):
    """What the statement is asked with; None if nobody has said."""
    return of_message(statement) if statement.parameters else (READS | CHANGES).get(statement.name)


def is_look(statement):
    """Whether it is a list or a look-up: what people and services wait for."""
    if not statement.parameters:
        return statement.name in READS
    return statement.sql.startswith("SELECT ") and not statement.sql.endswith(" FOR UPDATE")


# Lists and look-ups that are made from no message.
READS = {
    "event.turn": ["'cases/1'::text"],
    "event.latest": [],
    "event.read_from": ["'3'::xid8", "0::bigint"],
    "event.find": ["'3'::xid8", "1::bigint", "'x'::text"],
    "event.read_subject_after": ["'3'::xid8", "0::bigint", "('cases/' || :r / 5)::text"],
    "event.holders": [],
    "event_seal.unsealed_for": [],
    "idempotency.find": [ID, "'staff/wang'::text", "'CreateCase'::text"],
    "service.ready": ["'backbone'::regnamespace"],
    "desk_task.get": [ID],
    "desk_task.list_of_hall": [HALL, *DUE],
    "desk_task.list": ["''::text", *DUE],
    "task.get": [ID],
    "task.holds": [MACHINE, "1::bigint"],
    "timer.list": ["''::text", "true::boolean", NOW, *FIRST, PAGE],
    "timer.list_of_lane": ["'urgent'::text", "true::boolean", NOW, *FIRST, PAGE],
    "party.read": [],
    "seal_key.all": [],
    "task.list_of_subject": ["('cases/' || :r / 2)::text", *DUE, ANY_HALL, "''::text"],
    # Among the lanes of the machine's queues, which are few.
    "task.open_about": ["('cases/' || :r / 2)::text", "'{case.act,case.look}'::text[]"],
    "task.list_machine": ["''::text", *DUE],
    "case.list_of_hall": [HALL, OPEN, HALL, *FIRST, PAGE],
    "case.list_of_owner": [OWNER, OPEN, HALL, *FIRST, PAGE],
    "case.list_all": ["''::text", RARE, ANY_HALL, *FIRST, PAGE],
    "case.newest_of_hall": [HALL, RARE, HALL, *LAST, PAGE],
    "case.newest_of_owner": [OWNER, OPEN, ANY_HALL, *LAST, PAGE],
    "case.newest": ["''::text", OPEN, ANY_HALL, *LAST, PAGE],
    "case.work_of_hall": [HALL, OPEN, HALL, *FIRST, PAGE],
    "case.work_of_owner": [OWNER, OPEN, HALL, *FIRST, PAGE],
    "case.work": ["''::text", RARE, ANY_HALL, *FIRST, PAGE],
    "case.list_by_code": ["('code-' || :r)::text", "'{1,2,3,0}'::smallint[]", ANY_HALL, "''::text", *FIRST, PAGE],
    "contact.corrections": [part(5)],
    "case.find": ["decode(md5((:r / 4)::text), 'hex')", ANY_HALL, *LAST, PAGE],
    "case.find_elsewhere": ["decode(md5((:r / 4)::text), 'hex')", HALL, "now() - interval '60 days'"],
    "progress_code.find": ["('key-' || :r)::text"],
    "hall.names": [],
    "report.figures": [f"ARRAY[{HALL}]", "now() - interval '30 days'", NOW, NOW],
    "report.causes": [f"ARRAY[{HALL}]", "current_date - 30", "current_date"],
    "case_difficulty.count": [f"ARRAY[{HALL}]", "current_date - 30", "current_date"],
    "shift_handover.due": [OWNER, NOW, HALL],
    "duty.load": [HALL, NOW],
    "hall.load": [HALL],
    "hall.load_window": [HALL, "'staff/7'::text"],
    "hall.list": ["''::text", PAGE],
    "staff.get": ["'staff/7'::text"],
    "staff.list": [HALL, "''::text", PAGE],
    "staff.load": ["'{staff/7,staff/23}'::text[]"],
    "rota.load_day": [HALL, NOW, "now() + interval '1 day'"],
    "message.by_event": [CASE_NAME, "('event/' || :r)::text", "'APPLICANT'::text"],
    "message.revisions": [CASE_NAME, "'last-day.x'::text"],
    "audience.revision": ["('cases/' || :r || '/parties/p')::text"],
    "message.uncorrected": [CASE_NAME, "'APPLICANT'::text", "1::bigint"],
    "message.list_of_case": [CASE_NAME, "NULL::smallint", ANY_HALL, *LAST, PAGE],
    "channel.find": ["'sms'::text"],
    "channel.waiting": ["5::int", "'00000000-0000-0000-0000-000000000000'::uuid", PAGE],
    "delivery.message": [ID],
    "delivery.in_flight_for": [ID],
    "receipt.select": ["'gateway'::text", "0::int", "(:r)::bigint"],
    "receipt.select_cursor": ["'gateway'::text"],
    "report.select": [ID],
    "body.find": ["'body-7'::text"],
    "body.search": ["'火化档案'::text", "NULL::smallint", "''::text", "''::text", PAGE],
    "consent.withdrawn": ["('contacts/' || 1 + :r / 5)::text"],
    "consent.searches": [f"('cases/' || {part(15)})::text"],
    "consent.referrals": [f"('cases/' || {part(3)})::text"],
    "rule_note.find": [part(5), NOTED_BODY],
    "learned.of_body": ["('body-' || 1 + :r / 20)::text"],
    "learned.about": ["'材料7'::text", "50::int"],
    "entry.find": [IDS],
    "mail_cursor.get": ["'archive@hall.example'::text", "1::bigint"],
    "mail_pending.due": ["'archive@hall.example'::text", "1::bigint"],
    "attachment.read": [part(5), "1::int", "0::int", "4::int"],
    "attachment.all": [part(5)],
    "attachment.key_of_referral": [ID],
    "attachment.key_of_mail": [part(5)],
    "flight.get": [ID],
    "bounced.has": ["'body-7'::text", "'office'::text", "'a@b.example'::text"],
    "referral.find_by_answer_code": ["('XXT-' || :r)::text"],
    "referral.list_of_hall": [HALL, "false::boolean", HALL, *FIRST, PAGE],
    "referral.list_all": ["''::text", "false::boolean", ANY_HALL, *FIRST, PAGE],
    "referral.list_of_case": [f"('cases/' || {part(3)})::text", "true::boolean", ANY_HALL, *FIRST, PAGE],
    "route_sheet.newest": [REFERRAL],
}

# Statements that look for what they change.
CHANGES = {
    "service.keep_house": [],
    "event_seal.turn": [],
    "event_seal.next": ["2::bigint"],
    "service.partition_health": [],
    "task.claim": [MACHINES, "'{case.tell}'::text[]", NOW, "interval '30 s'", "'me'::text", "1::int", "2::int", "8::int"],
    "task.settle_done": [MACHINES, "'{1}'::bigint[]"],
    "task.settle_one": [MACHINE, "1::bigint"],
    "task.put_back": [MACHINE, "1::bigint", "'retry'::text", "interval '1 s'", "''::text"],
    "task.unclaim": [MACHINES, "'{1}'::bigint[]", "'{1000}'::bigint[]"],
    "task.note_late": [MACHINES, "'{1}'::bigint[]"],
    "task.note_lost": [MACHINES, "'me'::text"],
    "task.lock": [MACHINE],
    "task.requeue": ["lpad(to_hex(100000000 + 51 + :r % 50), 32, '0')::uuid"],
    "task.now": [],
    "task.sweep": ["'case.tell'::text", LATELY, FIRST[1], NOW, "200::int", "interval '10 s'", "'normal'::text"],
    "task.backlog": [NOW, "'{case.told,case.tell,case.tell}'::text[]", "'{bulk,normal,urgent}'::text[]", f"ARRAY[{LATELY}, {LATELY}, {LATELY}]"],
    "timer.fire": [NOW, "200::int", LATELY],
    "timer.insert": [ID, "'k'::text", "'normal'::text", "'s'::text", "'{}'::jsonb", "'key'::text", NOW],
    "task.reschedule": ["('machine/' || 1 + :r % 500)::text", NOW],
    "timer.reschedule": ["('timer/' || :r)::text", NOW],
    "desk_task.reschedule": ["('desk/' || :r)::text", NOW],
    "task.cancel": ["('machine/' || 1 + :r % 500)::text"],
    "timer.cancel": ["('timer/' || :r)::text"],
    "desk_task.cancel": ["('desk/' || :r)::text"],
    "task.cancel_all": ["'case.tell'::text", "('cases/' || 1 + :r % 500)::text"],
    "timer.cancel_all": ["'referral.chase'::text", "('referrals/' || :r / 2)::text"],
    "desk_task.cancel_all": ["'case.act'::text", "('cases/' || :r / 2)::text"],
    "desk_task.pass_on": ["('cases/' || :r / 2)::text", "('staff/' || :r % 500)::text", "'staff/7'::text"],
    "desk_task.lock": [ID],
    "desk_task.lease": [ID, "'staff/7'::text", "interval '1 hour'", "false::boolean"],
    "desk_task.release": [ID],
    "desk_task.complete": [ID, "'REACHED'::text", "0::bigint"],
    "party.silent": ["'sms'::text", "3::int", "interval '1 s'"],
    "party.answered": ["'sms'::text"],
    "party.try": ["'sms'::text", "interval '1 s'"],
    "party.know": ["'sms'::text", "10::float8"],
    "party.take": ["'sms'::text", "5::int", "10::float8"],
    "seal_key.use": ["1::bigint", "''::bytea"],
    "rota.lock": [HALL],
    "rota.delete_day": [HALL, NOW, "now() + interval '1 day'"],
    "case_difficulty.forget": [ID],
    "progress_try.count": ["(:r % 65536)::int", NOW, LATELY],
    "progress_try.forgive": ["(:r % 65536)::int"],
    "serials.take_block": [],
    "consent.share": ["('contacts/' || :r)::text"],
    "consent.lock": ["('contacts/' || :r)::text"],
    "channel.keep": ["'sms'::text"],
    "audience.lock": ["('cases/' || :r || '/parties/p')::text"],
    "audience.note": ["('cases/' || :r || '/parties/p')::text", "2::bigint"],
    "message.lock_topic": [CASE_NAME, "'last-day.x'::text"],
    "mail_inbox.insert": ["'a'::text", "2::bigint", "1::bigint", "'m'::text", "'{}'::text[]", "'a'::text", "'s'::text", "'t'::text",
                          "''::text", NOW],
    "mailbox.start_time": ["'archive@hall.example'::text"],
    "mail_pending.insert": ["'a'::text", "1::bigint", "'{1}'::bigint[]"],
    "mail_cursor.move": ["'archive@hall.example'::text", "1::bigint", "2::bigint"],
    "mail_pending.begin": ["'archive@hall.example'::text", "1::bigint", "7::bigint"],
    "mail_pending.note": ["'archive@hall.example'::text", "1::bigint", "7::bigint", ID],
    "mail_pending.failed": ["'archive@hall.example'::text", "1::bigint", "7::bigint"],
    "mail_pending.put_back": ["'archive@hall.example'::text", "1::bigint", "7::bigint"],
    "mail_pending.delete": ["'archive@hall.example'::text", "1::bigint", "7::bigint"],
    "learned.take_back": ["('body-' || 1 + :r / 20)::text", "'材料7'::text"],
    "bounced.note": ["'body-7'::text", "'office'::text", "'a@b.example'::text", NOW],
    "bounced.forget": ["'body-7'::text", "'office'::text", "'a@b.example'::text"],
    "attachment.reseal": [part(5), "1::int", "0::int", "'x'::bytea"],
    "flight.begin": [ID, "1::bigint"],
    "flight.take_back": [ID, "1::bigint"],
    "flight.end": [ID],
}

# Why these may read more than a page.
MANY = {
    "case_difficulty.count": "counts the cases of at most a quarter of a year, along one index",
    "report.figures": "counts what happened within at most a quarter of a year, each figure along one index",
    "report.causes": "counts the cases of at most a quarter of a year, along one index",
    "task.backlog": "counts up to ten thousand tasks of each lane of the machine and of the desk, for the metrics",
}
# Run every few seconds in every replica: of what a queue has done under an old snapshot they walk nothing.
REPEATED = ("task.backlog", "task.sweep")
