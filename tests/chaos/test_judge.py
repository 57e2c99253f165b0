#!/usr/bin/python3
"""The judge refuses doctored evidence, and is content with what faults explain."""
import collections
import datetime
import types
import unittest

import doubt
import judge
import judge_bodies
from evidence import Verdict
from plan import Step

START = datetime.datetime(2026, 5, 4, 9, tzinfo=datetime.timezone.utc)
BODY = "archive@crematorium.example"


def at(seconds):
    return (START + datetime.timedelta(seconds=seconds)).isoformat()


def wall(seconds):
    return START.timestamp() + seconds


class Doctored:
    """Evidence of nothing at all, to which tests add what they need."""

    def __init__(self, lease_s=4):
        self.instance = types.SimpleNamespace(options=types.SimpleNamespace(lease_s=lease_s))
        self.journal = types.SimpleNamespace(spans=[], deaths=[], stopped=collections.Counter())
        self.journal.deaths_of = lambda service: sum(dead == service for dead, _, _ in self.journal.deaths)
        self.tasks = collections.defaultdict(list)
        self.settled = collections.defaultdict(list)
        self.moves = {"intake": [], "referral": [], "notification": []}
        self.mails, self.unmatched, self.replies, self.referrals = [], [], [], {}
        self.sms, self.smtp, self.days, self.today = [], [], 0, datetime.date(2026, 5, 10)
        self.cases, self.messages, self.decisions, self.contacts = {}, {}, [], []
        self.contacts_kept = collections.Counter()
        self.events = collections.defaultdict(list)
        self.with_a_person = set()
        self.load = types.SimpleNamespace(
            hand_offs={}, referrals={}, replies={}, cancelled=set(), contacts={}, done=collections.Counter(), closed=set(),
            inbound={}, filed={}, answer_codes={},
            desk=types.SimpleNamespace(leases=[], completed={}, done_of=lambda kind: [
                (subject, outcome) for _, _, kind_, subject, outcome in self.load.desk.completed.values() if kind_ == kind]))

    def open_tasks(self, service, *kinds):
        return [task for task in self.tasks[service] if task["kind"] in kinds]

    def happened(self, service, subject, *types_, when=0):
        self.events[service] += [{"subject": subject, "type": f"{type_}.v1", "summary": "", "record_time": at(when)}
                                 for type_ in types_]

    def events_of(self, service, *types_):
        return collections.Counter(event["subject"] for event in self.events[service] if event["type"] in types_)

    def case(self, name="cases/c", state="IN_PROGRESS", **row):
        self.cases[name] = {"name": name, "state": state, "next_action_time": "then"} | row
        self.load.hand_offs[name] = types.SimpleNamespace(fate="5")
        self.message(f"{name}#received")

    def message(self, event, state="DELIVERED"):
        name = f"messages/{len(self.messages)}"
        self.messages[name] = {"name": name, "event": event, "case_name": event.partition("#")[0], "state": state}

    def referral(self, name="referrals/r", state="SENT", **row):
        ended = state in judge_bodies.NEGATIVE | {"ANSWERED"}
        self.referrals[name] = {"case_name": "cases/c", "state": state, "ended": ended, "connector": "EMAIL",
                                "person_asked": False, "last_safe_day": None} | row
        self.load.referrals[name] = "cases/c"

    def mail(self, id_, subject="协查函", direction="OUT", state="ACCEPTED"):
        self.mails.append({"id": id_, "referral": "referrals/r", "direction": direction, "state": state, "subject": subject,
                           "text": ""})
        if state == "ACCEPTED":
            self.smtp.append({"message_id": f"<{id_}@hall.example>", "at": at(0), "to": BODY, "subject": subject})

    def ids_of_dead(self, _):
        return set()

    def attempt(self, task, fence, began, *ends, process=7, service="referral", detail=""):
        for move, time in [("started", began), *((end, began + 0.1) for end in ends)]:
            self.moves[service].append({"task_id": task, "fence": fence, "move": move, "time": at(time), "detail": detail,
                                        "holder": f"{service}@host/{process}/c0ffee/1"})

    def doubtful(self, task, began, *ends, process=7):
        """A mail in doubt, of an attempt that ended so; another noted the doubt."""
        self.attempt(task, 1, began, *ends, process=process)
        self.attempt(task, 2, began + 5, "done", process=99)
        self.mails.append({"id": task, "state": "IN_DOUBT", "referral": "referrals/r", "direction": "OUT"})

    def died(self, process, when, service="referral"):
        self.journal.deaths.append((service, process, wall(when)))

    def step(self, do, began, ended, **how):
        self.journal.spans.append((Step("network", 1, do, how), wall(began), wall(ended)))

    def task(self, service, kind, **row):
        self.tasks[service].append({"kind": kind, "state": "pending", "lane": "desk", "dedupe_key": "", "subject": "", "id": ""} | row)


def found(promise, evidence):
    verdict = Verdict()
    promise(evidence, verdict)
    return verdict.violations


class Doubt(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()

    def refuse(self, words):
        self.assertEqual(found(judge.judge_doubt, self.e), [f"doubt: {words}"])

    def accept(self):
        self.assertEqual(found(judge.judge_doubt, self.e), [])

    def test_a_sender_that_died_with_the_mail_on_the_wire_explains_it(self):
        self.e.doubtful("m", 10)
        self.e.died(7, 11)
        self.accept()

    def test_a_double_kill_explains_what_both_had_on_the_wire(self):
        for number in range(2 * doubt.SENDERS):
            self.e.doubtful(f"m{number}", 10, process=7 + number % 2)
        self.e.died(7, 11)
        self.e.died(8, 11)
        self.accept()

    def test_a_death_explains_no_more_than_its_senders_had_on_the_wire(self):
        for number in range(doubt.SENDERS + 1):
            self.e.doubtful(f"m{number}", 10)
        self.e.died(7, 11)
        self.refuse("4 mails in doubt for their sender died, where the faults explain 3")

    def test_what_a_living_process_left_without_an_end_explains_nothing(self):
        self.e.doubtful("m", 10)
        self.refuse("1 mails in doubt for nobody noted what came of them, where the faults explain 0")

    def test_a_death_long_after_the_lease_explains_nothing(self):
        self.e.doubtful("m", 10)
        self.e.died(7, 20)
        self.refuse("1 mails in doubt for nobody noted what came of them, where the faults explain 0")

    def test_another_process_death_explains_nothing(self):
        self.e.doubtful("m", 10)
        self.e.died(8, 11)
        self.refuse("1 mails in doubt for nobody noted what came of them, where the faults explain 0")

    def test_a_settlement_given_up_explains_nothing_although_its_process_died_later(self):
        self.e.doubtful("m", 10, "late")
        self.e.died(7, 12)
        self.refuse("1 mails in doubt for nobody noted what came of them, where the faults explain 0")

    def test_a_store_that_is_away_for_longer_than_settling_waits_explains_one_per_sender(self):
        for number in range(doubt.REPLICAS * doubt.SENDERS):
            self.e.doubtful(f"m{number}", 10, "late")
        self.e.step("pg_kill", 10, 14)
        self.accept()
        self.e.doubtful("one more", 10, "late")
        self.refuse("7 mails in doubt for nobody noted what came of them, where the faults explain 6")

    def test_a_store_that_comes_back_in_time_explains_nothing(self):
        self.e.doubtful("m", 10, "late")
        self.e.step("pg_kill", 10, 10.2)
        self.refuse("1 mails in doubt for nobody noted what came of them, where the faults explain 0")

    def test_another_services_store_explains_nothing(self):
        self.e.doubtful("m", 10, "late")
        self.e.step("blackhole", 10, 14, route="pg-intake", seconds=4)
        self.e.step("pg_lock", 10, 14, service="intake", seconds=4)
        self.refuse("1 mails in doubt for nobody noted what came of them, where the faults explain 0")

    def test_a_pause_past_the_lease_explains_what_was_on_the_wire(self):
        self.e.doubtful("m", 10, "late")
        self.e.journal.stopped["referral"] = 1
        self.accept()

    def test_mails_whose_attempts_all_ended_are_explained_by_lost_answers_alone(self):
        self.e.doubtful("m", 10, "retry")
        self.e.died(7, 11)
        self.refuse("1 mails in doubt for their answer was lost, where the faults explain 0")
        self.e.step("smtp", 10, 11, mode="drop_after_data", count=1)
        self.accept()

    def test_a_claim_whose_answer_was_lost_touched_nothing(self):
        self.e.doubtful("m", 10, "lost")
        self.e.died(7, 11)
        self.refuse("1 mails in doubt for their answer was lost, where the faults explain 0")

    def test_three_deaths_explain_one_task_that_was_given_up(self):
        self.e.attempt("t", 1, 10, "dead", service="intake", detail="handling it crashed the worker five times")
        for number in range(3):
            self.e.died(number, 5, "intake")
        self.accept()
        self.e.attempt("u", 1, 10, "dead", service="intake", detail="handling it crashed the worker five times")
        self.refuse("2 tasks given to a person for workers died of them, where the faults explain 1")


class InDoubtOfCrashes(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.attempt("t", 1, 10, "dead", service="notification", detail="handling it crashed the worker five times")

    def test_the_task_that_sends_it_counts(self):
        self.e.task("notification", "message.send_sms", id="t", subject="messages/m")
        self.assertTrue(judge.died_of_crashes(self.e, "messages/m"))

    def test_the_death_of_its_report_says_nothing_of_the_text_message(self):
        self.e.task("notification", "message.report_case", id="t", subject="messages/m")
        self.assertFalse(judge.died_of_crashes(self.e, "messages/m"))


class Reading(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.referrals = {"referrals/r": {"person_asked": True, "ended": False}}
        self.e.mails = [{"id": "m", "direction": "IN", "referral": "referrals/r"}]
        self.e.unmatched = [{"id": "u", "filed": False}]
        self.work = {"referral.read_mail": "m", "referral.unmatched_mail": "u", "referral.decide_silence": "r"}

    def found(self, without=""):
        for kind, key in self.work.items():
            if kind != without:
                self.e.task("referral", kind, dedupe_key=f"{kind}/{key}")
        return found(judge.judge_reading, self.e)

    def test_somebody_reads_everything(self):
        self.assertEqual(self.found(), [])

    def test_a_mail_that_nobody_reads(self):
        self.assertEqual(self.found("referral.read_mail"), ["lost: the mail m to referrals/r came, and nobody reads it"])

    def test_a_mail_to_nobody_that_nobody_reads(self):
        self.assertEqual(self.found("referral.unmatched_mail"), ["lost: the mail u to nobody came, and nobody reads it"])

    def test_a_silence_that_nobody_decides_over(self):
        self.assertEqual(self.found("referral.decide_silence"), ["lost: referrals/r is silent, and nobody decides"])

    def test_what_was_read_filed_and_decided_is_nobodys_work(self):
        self.e.replies = [{"mail": "m"}]
        self.e.unmatched[0]["filed"] = True
        self.e.referrals["referrals/r"]["person_asked"] = False
        self.assertEqual(found(judge.judge_reading, self.e), [])
        self.assertEqual(len(self.found()), 3)


class Closing(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.case(state="CLOSED")
        self.e.load.closed.add("cases/c")
        self.e.load.done["closed", "cases/c"] = 1

    def test_a_closed_case_is_told_once(self):
        self.e.happened("intake", "cases/c", "case.closed")
        self.e.message("cases/c#closed")
        self.assertEqual(found(judge.judge_effects, self.e) + found(judge.judge_told, self.e), [])
        self.e.message("cases/c#closed")
        self.assertEqual(found(judge.judge_told, self.e), ["told twice: cases/c#closed: 2 messages where 1 belong"])

    def test_a_closing_that_nobody_is_told_of(self):
        self.assertEqual(found(judge.judge_told, self.e), ["lost: cases/c#closed: 0 of 1 messages"])

    def test_a_closing_that_was_acknowledged_and_lost(self):
        self.e.cases["cases/c"]["state"] = "IN_PROGRESS"
        self.assertEqual(found(judge.judge_effects, self.e),
                         ["lost: cases/c: 0 of 1 closed", "lost: closed case cases/c was acknowledged and does not exist"])

    def test_a_closed_case_is_nobodys_work(self):
        self.e.task("intake", "case.act", subject="cases/c")
        self.e.task("intake", "case.review_closure", subject="cases/c")
        self.e.dead_shown = lambda service: set()
        self.assertEqual(found(judge.judge_next_actions, self.e),
                         ["no next action: cases/c is CLOSED, and its closure is to be reviewed",
                          "surplus: cases/c is closed, and still somebody's work"])

    def test_what_came_too_late_for_a_closed_case_need_not_be_told(self):
        self.e.message("cases/c#closed")
        self.e.load.done["checklist", "cases/c"] = 1
        self.assertEqual(found(judge.judge_told, self.e), [])


class ContactLog(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.e.load.contacts["m1"] = "cases/c"
        self.e.contacts_kept["cases/c"] = 1

    def test_what_was_acknowledged_is_listed(self):
        self.e.contacts.append({"case_name": "cases/c", "summary": "联系记录 m1"})
        self.assertEqual(found(judge.judge_effects, self.e), [])

    def test_a_row_that_no_list_shows(self):
        self.assertEqual(found(judge.judge_effects, self.e),
                         ["lost: cases/c: 0 of 1 log entries listed", "lost: m1: 0 of 1 log entries"])

    def test_a_row_without_its_words(self):
        self.e.contacts.append({"case_name": "cases/c", "summary": ""})
        self.assertEqual(found(judge.judge_effects, self.e), ["lost: m1: 0 of 1 log entries"])


class Told(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.e.referral()

    def test_a_checklist_that_nobody_is_told_of(self):
        self.e.load.done["checklist", "cases/c"] = 1
        self.assertEqual(found(judge.judge_told, self.e), ["lost: cases/c#checklist.1: 0 of 1 messages"])

    def test_each_route_sheet_is_told(self):
        self.e.load.done["route sheet", "referrals/r"] = 2
        self.e.message("cases/c#route-sheet.r.1")
        self.assertEqual(found(judge.judge_told, self.e), ["lost: cases/c#route-sheet.r.2: 0 of 1 messages"])

    def test_a_message_of_no_request(self):
        self.e.message("cases/c#route-sheet.r.1")
        self.assertEqual(found(judge.judge_told, self.e), ["told twice: cases/c#route-sheet.r.1: 1 messages where 0 belong"])


class LastDays(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.e.referral(last_safe_day="2026-05-12")

    def found(self):
        return found(judge_bodies.judge_last_days, self.e)

    def warned(self, *messages):
        self.e.happened("referral", "referrals/r", "referral.cut_off_near")
        for message in messages:
            self.e.message(f"cases/c#{message}")

    def test_who_is_warned_and_told_has_nothing_to_complain_of(self):
        self.warned("cut-off.r.2026-05-12.2.0")
        self.assertEqual(self.found(), [])

    def test_a_near_day_of_which_nobody_is_warned(self):
        self.e.task("referral", "referral.warn_cut_off", subject="referrals/r")
        self.assertEqual(len(self.found()), 1)

    def test_a_day_far_off_needs_a_warning_to_come(self):
        self.e.referrals["referrals/r"]["last_safe_day"] = "2026-05-20"
        self.assertEqual(len(self.found()), 1)
        self.e.task("referral", "referral.warn_cut_off", subject="referrals/r")
        self.assertEqual(self.found(), [])

    def test_a_warning_that_was_given_up_has_a_person(self):
        self.e.task("referral", "referral.warn_cut_off", subject="referrals/r", state="dead")
        self.assertEqual(self.found(), [])

    def test_a_warning_of_which_the_person_hears_nothing(self):
        self.warned()
        self.assertEqual(self.found(), ["lost: referrals/r: its last safe day is 2026-05-12, and the person was not told"])

    def test_a_person_who_is_told_more_often_than_the_ledger_says(self):
        self.warned("cut-off.r.2026-05-12.2.0", "last-day.r.1")
        self.assertEqual(len(self.found()), 1)

    def test_who_heard_of_no_last_day_because_all_words_were_withdrawn(self):
        self.warned()
        self.e.message("cases/c#cut-off.r.2026-05-12.2.0", "SUPPRESSED")
        self.assertEqual(self.found(), ["lost: all words to cases/c of r were withdrawn"])

    def test_who_is_warned_although_the_case_had_been_closed(self):
        self.e.cases["cases/c"]["state"] = "CLOSED"
        self.e.happened("intake", "cases/c", "case.closed", when=10)
        self.e.happened("referral", "referrals/r", "referral.cut_off_near", when=11)  # asked just before
        self.assertEqual(self.found(), [])
        self.e.happened("referral", "referrals/r", "referral.cut_off_passed", when=20)
        self.assertEqual(self.found(), ["untrue: referrals/r: referral.cut_off_passed.v1, when cases/c had been closed"])

    def test_nobody_is_warned_of_what_was_withdrawn(self):
        self.e.referrals["referrals/r"]["state"] = "CANCELLED"
        self.assertEqual(self.found(), [])


class Withdrawals(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.e.referral(state="CANCELLED")
        self.e.mail("request")

    def test_a_body_that_has_the_request_is_told_once(self):
        self.e.mail("withdrawal", "撤回：协查函")
        self.assertEqual(found(judge_bodies.judge_mails, self.e), [])
        self.e.mail("again", "撤回：协查函")
        self.assertEqual(found(judge_bodies.judge_mails, self.e), ["told twice: referrals/r: 2 withdrawals in its ledger"])

    def test_a_body_that_is_not_told(self):
        self.assertEqual(found(judge_bodies.judge_mails, self.e),
                         ["lost: referrals/r is withdrawn, and the body has it and is not told"])

    def test_a_withdrawal_of_what_goes_on(self):
        self.e.mail("withdrawal", "撤回：协查函")
        self.e.referrals["referrals/r"] |= {"state": "SENT", "ended": False}
        self.assertEqual(found(judge_bodies.judge_mails, self.e),
                         ["untrue: referrals/r is SENT, and the body was told that it is withdrawn"])


class Reminders(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.e.referral()

    def found(self, *events):
        self.e.happened("referral", "referrals/r", *(f"referral.{event}" for event in events))
        self.e.mails = [{"id": str(n), "referral": "referrals/r", "direction": "REMINDER"} for n in range(events.count("mail_sent"))]
        return found(judge_bodies.judge_reminders, self.e)

    def test_each_that_was_arranged_goes_out(self):
        self.assertEqual(self.found("reminded", "mail_sent", "reminded", "mail_sent", "decision_needed"), [])

    def test_one_that_never_went_out(self):
        self.assertEqual(self.found("reminded", "reminded", "mail_sent"),
                         ["lost: referrals/r: 1 of 2 reminders, and nothing made one needless"])

    def test_the_last_that_never_went_out(self):
        self.assertEqual(len(self.found("reminded")), 1)

    def test_one_that_waits_for_the_body_to_open(self):
        self.e.task("referral", "referral.send_mail", subject="referrals/r")
        self.assertEqual(self.found("reminded"), [])

    def test_one_that_an_answer_made_needless(self):
        self.assertEqual(self.found("reminded", "replied", "reminded", "mail_sent"), [])

    def test_one_that_was_never_arranged(self):
        self.assertEqual(len(self.found("mail_sent")), 1)


class AtTheDesk(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.load.desk.completed["tasks/t"] = ("staff/wang", "referral", "referral.carry", "referrals/r", "REACHED")
        self.done = {"task_id": "t", "fence": 1, "move": "done", "detail": "REACHED", "holder": "staff/wang"}

    def test_what_an_officer_said_is_done_once(self):
        self.e.moves["referral"].append(self.done)
        self.assertEqual(found(judge.judge_desk, self.e), [])

    def test_what_an_officer_said_and_was_lost(self):
        self.assertEqual(found(judge.judge_desk, self.e), ["lost: tasks/t REACHED: 0 of 1 completions"])

    def test_what_no_officer_said(self):
        self.e.moves["referral"] += [self.done, self.done | {"task_id": "u"}]
        self.assertEqual(found(judge.judge_desk, self.e), ["told twice: tasks/u REACHED: 1 completions where 0 belong"])


class LateActs(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.attempt("m", 1, 10, "done")
        self.e.smtp = [{"message_id": "<m@hall.example>", "at": at(20), "to": BODY}]

    def test_what_the_way_to_the_mail_server_held_back_came_late_by_no_fault_of_the_service(self):
        self.e.step("blackhole", 18, 19.5, route="smtp", seconds=1.5)
        self.assertEqual(found(judge.judge_late_acts, self.e), [])

    def test_another_way_holds_no_mail_back(self):
        self.e.step("blackhole", 18, 19.5, route="redis", seconds=1.5)
        self.e.step("swizzle", 18, 19.5, route="pg-referral", seconds=1.5, seed=1)
        self.assertEqual(found(judge.judge_late_acts, self.e), ["acted late: the mail of m went out 10.0 s after its claim"])


if __name__ == "__main__":
    unittest.main()
