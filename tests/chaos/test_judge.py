#!/usr/bin/python3
"""The judge refuses doctored evidence, and is content with what faults explain."""
import pathlib
import tempfile
import types
import unittest
import unittest.mock

import judge
from doctored import BODY, Doctored, at, found
from people import ABSENT, Person


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

    def test_an_entry_that_no_list_shows(self):
        self.e.contacts.append({"case_name": "cases/c", "summary": "联系记录 m1"})
        self.e.entries_kept["referrals/r"] = 1
        self.assertEqual(found(judge.judge_effects, self.e), ["lost: referrals/r: 0 of 1 ledger entries listed"])

    def test_a_row_without_its_words(self):
        self.e.contacts.append({"case_name": "cases/c", "summary": ""})
        self.assertEqual(found(judge.judge_effects, self.e), ["lost: m1: 0 of 1 log entries"])


class Watches(unittest.TestCase):
    """Of six events, the last three of another history."""

    def setUp(self):
        self.e = Doctored()
        self.e.journal.done["failover"] = 1
        self.e.happened("intake", "cases/c", *["case.contact_logged"] * 6)

    def saw(self, *seen, expired=(3,)):
        self.e.load.watches = [types.SimpleNamespace(name_="WatchCases", caller="staff/wang", service="intake",
                                                     seen=[f"e{number}" for number in seen], expired=list(expired))]
        return found(judge.judge_watches, self.e)

    def test_all_in_their_order(self):
        self.assertEqual(self.saw(0, 1, 2, 3, 4, 5), [])

    def test_a_lost_one(self):
        self.assertEqual(self.saw(0, 2, 3, 4, 5, expired=[2]), ["lost: WatchCases of staff/wang did not tell 1 of 6 events"])

    def test_one_that_is_told_twice(self):
        self.assertEqual(self.saw(0, 1, 1, 2, 3, 4, 5, expired=[4]),
                         ["told twice: WatchCases of staff/wang told 1 events more than once"])

    def test_two_out_of_their_order(self):
        self.assertEqual(self.saw(0, 2, 1, 3, 4, 5), ["untrue: WatchCases of staff/wang told events out of their order"])

    def test_what_was_committed_while_its_token_was_of_another_history(self):
        self.assertEqual(self.saw(0, 1, 4, 5, expired=[2]), [])

    def test_what_was_committed_before_and_after_that_is_no_excuse(self):
        self.assertEqual(len(self.saw(0, 2, 4, 5, expired=[2])), 1)
        self.assertEqual(len(self.saw(0, 1, 2, 4, 5, expired=[4])), 1)

    def test_the_end_is_missing(self):
        self.assertEqual(len(self.saw(0, 1, 2, 3, 4)), 1)

    def test_a_token_that_outlives_its_history(self):
        self.assertEqual(self.saw(0, 1, 2, 3, 4, 5, expired=[]),
                         ["untrue: WatchCases of staff/wang was told 0 times that its token is of another history"])

    def test_a_token_that_is_refused_without_reason(self):
        self.assertEqual(self.saw(0, 1, 2, 3, 4, 5, expired=[3, 5]),
                         ["lost: WatchCases of staff/wang was told 2 times that its token is of another history"])


class TextMessages(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.name, = self.e.messages
        self.e.text(self.name)
        self.e.receipts = [{"client_ref": "d", "state": "delivered"}]

    def found(self, state="DELIVERED", decided=""):
        self.e.messages[self.name]["state"] = state
        self.e.decisions = [{"message": self.name, "outcome": decided}] if decided else []
        return found(judge.judge_sms, self.e)

    def test_one_that_arrived(self):
        self.assertEqual(self.found(), [])

    def test_one_that_went_out_twice(self):
        self.e.text(self.name, "again")
        self.assertEqual(self.found(), ["told twice: messages/0: 2 text messages"])
        self.assertEqual(self.found(decided="SEND_AGAIN"), [])

    def test_one_that_is_no_deliverys(self):
        self.e.sms.append({"key": "x", "to": "", "at": ""})
        self.assertEqual(self.found(), ["told twice: the gateway has key x, which is no delivery's"])

    def test_one_of_which_neither_the_gateway_nor_a_person_says_that_it_arrived(self):
        self.e.receipts = []
        self.assertEqual(self.found(), ["untrue: messages/0 is DELIVERED, and neither the gateway nor a person says so"])
        self.assertEqual(self.found(decided="REACHED"), [])

    def test_one_that_arrived_and_is_called_missed(self):
        self.assertEqual(self.found("NOT_REACHED"), ["untrue: messages/0 is NOT_REACHED, and the gateway delivered it"])

    def test_a_receipt_that_nobody_heard(self):
        self.assertEqual(self.found("SENDING"), ["lost: messages/0 is SENDING, and the gateway's receipt says delivered"])

    def test_one_that_is_on_its_way_for_ever(self):
        self.e.receipts = []
        self.assertEqual(self.found("SENDING"), ["stuck: messages/0 is still SENDING"])

    def test_one_that_was_made_when_its_words_were_not_true_any_more_is_for_a_person(self):
        self.e.sms, self.e.receipts, self.e.deliveries = [], [], {}
        self.e.task("notification", "message.call", subject=self.name)
        self.assertEqual(self.found("SENDING"), ["stuck: messages/0 is still SENDING"])
        self.assertEqual(len(self.found("DELIVERED", decided="REACHED")), 1)
        self.e.messages[self.name]["true_until"] = at(-1)
        self.assertEqual(self.found("SENDING") + self.found("DELIVERED", decided="REACHED"), [])
        self.e.tasks["notification"] = []
        self.assertEqual(self.found("SENDING"), ["stuck: messages/0 is still SENDING"])

    def test_doubt_without_a_crash(self):
        self.e.receipts = []
        self.assertEqual(self.found("IN_DOUBT"), ["doubt: messages/0 is in doubt, and its task did not die of crashes"])

    def test_one_that_never_reached_the_gateway(self):
        self.e.sms, self.e.receipts = [], []
        self.assertEqual(self.found("NOT_REACHED"), ["lost: messages/0 is NOT_REACHED and never reached the gateway"])
        self.assertIn("lost: messages/0 is DELIVERED and never reached the gateway", self.found(decided="RECEIVED"))

    def test_one_that_never_reached_the_gateway_for_workers_died_of_it_and_a_person_made_sure(self):
        self.e.sms, self.e.receipts = [], []
        with unittest.mock.patch.object(judge, "given_up_of_crashes", return_value={self.name}):
            self.assertEqual(self.found(decided="RECEIVED"), [])

    def test_one_that_never_reached_the_gateway_and_whose_person_nobody_reached_either(self):
        self.e.sms, self.e.receipts = [], []
        with unittest.mock.patch.object(judge, "given_up_of_crashes", return_value={self.name}):
            self.assertEqual(self.found("NOT_REACHED", decided="NOT_REACHED"), [])
        self.assertEqual(len(self.found("NOT_REACHED", decided="NOT_REACHED")), 1)

    def test_a_number_that_takes_nothing(self):
        self.e.load.hand_offs["cases/c"] = Person(1, ABSENT)
        self.assertEqual(len(self.found(decided="NOT_REACHED")), 1)
        self.assertEqual(self.found(decided="REACHED"), [])
        self.assertEqual(self.found(), ["untrue: messages/0 is DELIVERED to a number that takes nothing"])


class Reports(unittest.TestCase):
    """What other services tell a case."""

    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.e.reports = [{"id": "t", "message": "messages/0", "state": "DELIVERED"}]
        self.e.contacts = [{"case_name": "cases/c", "author": "services/notification", "summary": ""}]

    def settled(self, *events, outcome="done"):
        """One report for each event, which the referral's service calls done."""
        self.e.referral()
        self.e.happened("intake", "cases/c", *events)
        for number in range(max(1, len(events))):
            self.e.settled["referral"].append({"id": f"r{number}", "kind": "referral.report_case", "subject": "referrals/r",
                                               "outcome": outcome})

    def found(self, *promises):
        return [line for promise in promises or (judge.judge_reports, judge.judge_end_reports) for line in found(promise, self.e)]

    def test_a_message_that_is_in_the_log_once(self):
        self.assertEqual(self.found(), [])

    def test_one_that_is_not(self):
        self.e.contacts = []
        self.assertEqual(self.found(), ["lost: cases/c: 0 of 1 reports of messages"])

    def test_one_that_is_there_twice(self):
        self.e.contacts *= 2
        self.assertEqual(self.found(), ["told twice: cases/c: 2 reports of messages where 1 belong"])

    def test_one_whose_end_nobody_reports(self):
        self.e.reports[0]["state"] = "HANDED_TO_STAFF"
        self.assertEqual(self.found(), ["lost: messages/0 is DELIVERED, and no report says so"])

    def test_one_that_is_not_reported_yet(self):
        self.e.contacts = []
        self.e.task("notification", "message.report_case", id="t", lane="normal")
        self.assertEqual(self.found(), [])

    def test_one_that_died_with_its_workers_was_heard_or_not(self):
        self.e.task("notification", "message.report_case", id="t", lane="normal", state="dead")
        self.e.attempt("t", 1, 10, "dead", service="notification", detail="crashed")
        self.assertEqual(self.found(), [])
        self.e.contacts = []
        self.assertEqual(self.found(), [])

    def test_referrals_of_which_the_case_hears_once(self):
        self.settled("case.referral_opened")
        self.assertEqual(self.found(), [])

    def test_a_report_that_is_called_done_and_was_lost(self):
        self.settled()
        self.assertEqual(self.found(), ["lost: cases/c: 0 of 1 reports of referrals",
                                        "lost: cases/c: 0 of 1 case.referral_opened.v1"])

    def test_a_report_that_is_heard_twice(self):
        self.settled("case.referral_opened")
        self.e.happened("intake", "cases/c", "case.referral_progressed")
        self.assertEqual(self.found(), ["told twice: cases/c: 2 reports of referrals where 1 belong"])

    def test_an_answer_of_which_the_case_does_not_hear(self):
        self.settled("case.referral_opened")
        self.e.referral(state="ANSWERED")
        self.assertEqual(self.found(), ["lost: cases/c: 0 of 1 case.referral_answered.v1"])

    def test_an_end_of_which_the_case_does_not_hear(self):
        self.settled("case.referral_opened")
        self.e.referral(state="NO_ANSWER")
        self.assertEqual(self.found(), ["lost: cases/c: 0 of 1 case.referral_ended.v1"])


class Effects(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.e.referral()

    def test_what_was_asked_for_is_there(self):
        self.assertEqual(found(judge.judge_effects, self.e), [])

    def test_what_was_acknowledged_and_is_not(self):
        del self.e.cases["cases/c"], self.e.referrals["referrals/r"]
        self.assertEqual(found(judge.judge_effects, self.e),
                         ["lost: case cases/c was acknowledged and does not exist",
                          "lost: referral referrals/r was acknowledged and does not exist"])

    def test_what_nobody_asked_for(self):
        del self.e.load.hand_offs["cases/c"], self.e.load.referrals["referrals/r"]
        self.assertEqual(found(judge.judge_effects, self.e),
                         ["surplus: case cases/c exists, and no acknowledged request made it",
                          "surplus: referral referrals/r exists, and no acknowledged request made it"])

    def test_a_claim_that_is_written_down_once(self):
        self.e.load.claims["m"] = "referrals/r"
        self.assertEqual(found(judge.judge_effects, self.e), ["lost: referrals/r m: 0 of 1 entries"])
        self.e.claims = [{"referral": "referrals/r", "text": "说法 m"}, {"referral": "referrals/r", "text": "继续等待：再说"}]
        self.assertEqual(found(judge.judge_effects, self.e), [])
        self.e.claims.append(self.e.claims[0])
        self.assertEqual(found(judge.judge_effects, self.e), ["told twice: referrals/r m: 2 entries where 1 belong"])

    def test_a_doubt_that_was_decided_over_with_and_without_its_task(self):
        self.e.load.desk.completed["tasks/t"] = ("staff/wang", "notification", "message.in_doubt", "messages/0", "CALL")
        self.e.load.desk.resolved["messages/1 RECEIVED"] = 1
        self.assertEqual(found(judge.judge_effects, self.e),
                         ["lost: messages/0 CALL: 0 of 1 decisions", "lost: messages/1 RECEIVED: 0 of 1 decisions"])
        self.e.decisions = [{"message": "messages/0", "outcome": "CALL"}, {"message": "messages/1", "outcome": "RECEIVED"}]
        self.assertEqual(found(judge.judge_effects, self.e), [])
        self.e.decisions.append({"message": "messages/0", "outcome": "REACHED"})
        self.assertEqual(found(judge.judge_effects, self.e), ["told twice: messages/0 REACHED: 1 decisions where 0 belong"])

    def test_what_was_done_and_is_not_in_the_ledger(self):
        for what, (service, event) in judge.DONE.items():
            name = "cases/c" if service == "intake" else "referrals/r"
            self.e.load.done[what, name] = 1
            self.assertIn(f"lost: {name}: 0 of 1 {what}", found(judge.judge_effects, self.e))
            self.e.happened(service, name, event.removesuffix(".v1"))
            self.assertNotIn(what, "".join(found(judge.judge_effects, self.e)))
            self.e.happened(service, name, event.removesuffix(".v1"))
            self.assertIn(f"told twice: {name}: 2 {what} where 1 belong", found(judge.judge_effects, self.e))
            del self.e.load.done[what, name], self.e.events[service][-2:]


class RoomAndPrivacy(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.person = self.e.load.hand_offs["cases/c"]
        self.ahead, self.redis, self.rows = 3, "", []
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.logs = pathlib.Path(folder.name) / "logs"
        self.logs.mkdir()
        for service in ("intake", "referral", "notification"):
            (self.logs / f"{service}.log").write_text("all is well\n")
        self.e.instance.dir = self.logs.parent
        self.e.instance.records = lambda service, view: [{"parent": "backbone.event", "step": "month", "wanted": 3,
                                                          "ahead": self.ahead}]
        self.e.instance.redis = lambda *command: "xxt:intake:q" if command[0] == "KEYS" else self.redis
        self.e.instance.sql = lambda service, query: self.rows

    def test_partitions_that_were_not_made(self):
        self.ahead = 2  # a month may have begun
        self.assertEqual(found(judge.judge_partitions, self.e), [])
        self.ahead = 1
        self.assertEqual(found(judge.judge_partitions, self.e),
                         [f"no room: {service}: backbone.event has partitions 1 months ahead of 3"
                          for service in ("intake", "referral", "notification")])

    def test_nothing_personal_is_in_the_open(self):
        self.assertEqual(found(judge.judge_privacy, self.e), [])

    def test_a_name_in_redis(self):
        self.redis = self.person.name
        self.assertEqual(found(judge.judge_privacy, self.e), ["personal data: in redis"])

    def test_a_number_in_a_log(self):
        (self.logs / "referral.log").write_text(f"calls {self.person.phones[0]}\n")
        self.assertEqual(found(judge.judge_privacy, self.e), ["personal data: in referral log"])

    def test_a_number_that_was_corrected_is_personal_all_the_same(self):
        self.person.phones.append("18000000000")
        (self.logs / "referral.log").write_text("calls 18000000000\n")
        self.assertEqual(found(judge.judge_privacy, self.e), ["personal data: in referral log"])

    def test_an_identity_number_in_a_task(self):
        self.e.task("intake", "case.act", subject=self.person.resident_id)
        self.assertEqual(found(judge.judge_privacy, self.e), ["personal data: in intake tasks"])

    def test_a_name_in_an_event(self):
        self.e.happened("notification", "messages/0", "message.created", summary=self.person.name)
        self.assertEqual(found(judge.judge_privacy, self.e), ["personal data: in notification events"])

    def test_a_name_in_what_a_task_says(self):
        self.rows = [[self.person.name]]
        self.assertEqual(len(found(judge.judge_privacy, self.e)), 3)


class Locks(unittest.TestCase):
    def test_nobody_waited_in_a_circle(self):
        self.assertEqual(found(judge.judge_locks, Doctored()), [])

    def test_a_circle_that_postgresql_had_to_break(self):
        e = Doctored()
        e.deadlocks["notification"] = 1
        self.assertEqual(found(judge.judge_locks, e), ["deadlock: notification: 1 since its PostgreSQL began"])

    def test_the_whole_judge_asks_for_it(self):
        self.assertIn(judge.judge_locks, judge.PROMISES)


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
