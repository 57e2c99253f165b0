"""Judges a campaign from the databases and the simulators' ledgers."""
import collections

from instance import SERVICES


class Verdict:
    def __init__(self):
        self.violations = []
        self.lost = self.told_twice = self.stuck = self.leaks = self.in_doubt = 0
        self.hand_offs = self.referrals = self.sms = self.mails = 0
        self.seconds = 0.0

    def lose(self, what):
        self.lost += 1
        self.violations.append("lost: " + what)

    def twice(self, what):
        self.told_twice += 1
        self.violations.append("told twice: " + what)


def judge_messages(instance, load, verdict):
    """Every acknowledged case exists, with one message, told once."""
    cases = {row[0] for row in instance.sql("intake", "SELECT id FROM intake.cases")}
    # What no channel took is handed to a person, who has a task to call.
    messages = {row[0]: row[1] + row[2] for row in instance.sql("notification", """
        SELECT event, state, CASE WHEN EXISTS (SELECT FROM backbone.task AS t WHERE t.kind = 'message.call'
                                                AND t.subject = 'messages/' || m.id) THEN ' CALL' ELSE '' END
          FROM notification.messages AS m""")}
    # A task that was in hand during five crashes is not tried a sixth time: a person has it.
    with_a_person = {row[0] for row in instance.sql(
        "intake", "SELECT subject FROM backbone.task WHERE kind = 'intake.dead_task'")}
    ledger = collections.Counter(row["to"] for row in instance.http("phone", "/ledger"))
    keys = collections.Counter(row["key"] for row in instance.http("phone", "/ledger"))
    verdict.hand_offs, verdict.sms = len(load.hand_offs), sum(ledger.values())
    for case, person in load.hand_offs.items():
        if case.removeprefix("cases/") not in cases:
            verdict.lose(f"{case} was acknowledged and does not exist")
            continue
        state = messages.get(f"{case}#received")
        sent = ledger["+86" + person.phone]
        if state is None and case in with_a_person:
            verdict.in_doubt += 1
        elif state is None:
            verdict.lose(f"{case} has no message")
        elif state == "HANDED_TO_STAFF CALL":
            verdict.in_doubt += 1
        elif sent == 0 and "DOUBT" not in state.upper():
            verdict.lose(f"the message of {case} ({state}) never reached the gateway")
        if sent > 1:
            verdict.twice(f"{case}: {sent} text messages")
        verdict.in_doubt += 1 if state is not None and "DOUBT" in state.upper() else 0
    for key, count in keys.items():
        if count > 1:
            verdict.twice(f"key {key}: accepted {count} times")
    if len(cases) > len(load.hand_offs):
        verdict.twice(f"{len(cases)} cases for {len(load.hand_offs)} requests")


def judge_mails(instance, load, verdict):
    """Every acknowledged referral's mail was accepted once, or is shown as in doubt."""
    ledger = collections.Counter()
    for row in instance.http("mail", "/ledger"):
        if row.get("via") == "smtp" and "archive@crematorium.example" in row["to"]:
            ledger[row["subject"]] += 1
    verdict.referrals, verdict.mails = len(load.referrals), sum(ledger.values())
    codes = {row[0]: row[1] for row in instance.sql("referral", "SELECT id, answer_code FROM referral.referrals")}
    trouble = {row[0] for row in instance.sql(
        "referral", "SELECT subject FROM backbone.task WHERE kind IN ('referral.mail_trouble', 'referral.dead_task')")}
    for referral in load.referrals:
        code = codes.get(referral.removeprefix("referrals/"))
        if code is None:
            verdict.lose(f"{referral} was acknowledged and does not exist")
            continue
        sent = sum(count for subject, count in ledger.items() if code in subject)
        doubt = referral in trouble
        verdict.in_doubt += 1 if doubt else 0
        if sent == 0 and not doubt:
            verdict.lose(f"the mail of {referral} was never accepted, and nobody is asked")
        if sent > 1:
            verdict.twice(f"{referral}: {sent} mails")


def judge_next_actions(instance, verdict):
    queries = {
        "task without time": "SELECT id FROM backbone.task WHERE due IS NULL OR not_before IS NULL",
        "task due and not done": "SELECT id FROM backbone.task WHERE lane <> 'desk' AND state <> 'dead' AND due <= now() "
                                 "AND greatest(not_before, coalesce(lease_until, not_before)) < now() - interval '30 s'",
    }
    found = [(s, what, row[0]) for s in SERVICES for what, query in queries.items() for row in instance.sql(s, query)]
    found += [("intake", "open case without next action", row[0]) for row in instance.sql(
        "intake", "SELECT id FROM intake.cases WHERE close_time IS NULL AND next_action_time IS NULL")]
    for service, what, key in found:
        verdict.stuck += 1
        verdict.violations.append(f"{service}: {what}: {key}")


def judge_privacy(instance, load, verdict):
    """No name, identity number or telephone in Redis, tasks, events or logs."""
    places = {"redis": "\n".join(instance.redis("XRANGE", key, "-", "+") for key in instance.redis("KEYS", "*").split())}
    for service in SERVICES:
        places[f"{service} log"] = (instance.dir / "logs" / f"{service}.log").read_text(errors="replace")
        for table in ("task", "event", "attempt", "task_settled"):
            rows = instance.sql(service, f"SELECT t::text FROM backbone.{table} AS t")
            places[f"{service} {table}"] = "\n".join(row[0] for row in rows)
    for where, text in places.items():
        for person in load.hand_offs.values():
            if person.name in text or person.resident_id in text or person.phone in text:
                verdict.leaks += 1
                verdict.violations.append(f"personal data in {where}")
                break


def judge(instance, load):
    verdict = Verdict()
    verdict.violations += load.complaints
    judge_messages(instance, load, verdict)
    judge_mails(instance, load, verdict)
    judge_next_actions(instance, verdict)
    judge_privacy(instance, load, verdict)
    return verdict
