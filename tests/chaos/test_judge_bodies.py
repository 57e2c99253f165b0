#!/usr/bin/python3
"""The judge refuses doctored evidence of bodies, and is content with what faults explain."""
import collections
import unittest

import judge_bodies
from doctored import Doctored, found


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
        return found(judge_bodies.judge_reading, self.e)

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
        self.assertEqual(found(judge_bodies.judge_reading, self.e), [])
        self.assertEqual(len(self.found()), 3)


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

    def test_a_warning_that_the_machine_gave_up_to_tell_has_a_person(self):
        self.warned()
        self.e.task("intake", "case.tell", state="dead", dedupe_key="case.tell/cases/c#cut-off.r.2026-05-12.2.0", subject="cases/c")
        self.assertEqual(self.found(), [])

    def test_what_else_it_gave_up_in_the_case_is_no_excuse(self):
        self.warned()
        self.e.task("intake", "case.tell", state="dead", dedupe_key="case.tell/cases/c#received", subject="cases/c")
        self.e.task("referral", "referral.report_case", state="dead", subject="referrals/r", report="ANSWERED")
        self.assertEqual(len(self.found()), 1)

    def test_a_report_of_it_that_was_given_up_has_a_person(self):
        self.warned()
        self.e.task("referral", "referral.report_case", state="dead", subject="referrals/r", report="CUT_OFF_NEAR")
        self.assertEqual(self.found(), [])

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


class WithdrawalsByPeople(unittest.TestCase):
    """Of a referral that an officer carried to the body and that was withdrawn later."""

    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.e.referral(state="CANCELLED", connector="STAFF")

    def found(self, *words):
        for number, word in enumerate(words):
            self.e.happened("referral", "referrals/r", "referral.state_changed", when=10 * number, summary=f"八宝山殡仪馆：{word}")
        return found(judge_bodies.judge_withdrawals, self.e)

    def carried(self, when, outcome="REACHED"):
        self.e.settled["referral"].append({"id": "t", "kind": "referral.carry", "subject": "referrals/r", "outcome": outcome})
        self.e.attempt("t", 1, when, "done", detail=outcome)

    def test_an_officer_is_to_tell_the_body(self):
        self.e.task("referral", "referral.carry", subject="referrals/r")
        self.assertEqual(self.found("已送出", "已撤回"), [])

    def test_an_officer_has_told_it(self):
        self.carried(20)
        self.assertEqual(self.found("已送出", "已撤回"), [])

    def test_nobody_tells_it(self):
        self.assertEqual(self.found("已送出", "已撤回"), ["lost: referrals/r is withdrawn, and nobody tells the body"])

    def test_that_it_was_asked_before_is_not_that_it_was_told(self):
        self.carried(5)
        self.assertEqual(len(self.found("已送出", "已撤回")), 1)

    def test_that_nobody_answered_is_not_that_it_was_told(self):
        self.carried(20, "NO_ANSWER")
        self.assertEqual(len(self.found("已送出", "已撤回")), 1)

    def test_who_was_never_asked_is_not_told(self):
        self.assertEqual(self.found("已撤回"), [])


class Inbound(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.load.inbound = {"m1": "referrals/r", "m2": ""}
        self.e.mails = [self.came("a", "m1")]
        self.e.unmatched = [{"id": "u", "text": "来信 m2\n", "filed": False}]

    @staticmethod
    def came(id_, marker, referral="referrals/r"):
        return {"id": id_, "direction": "IN", "referral": referral, "text": f"来信 {marker}\n"}

    def found(self):
        return found(judge_bodies.judge_inbound, self.e)

    def test_each_that_came_is_filed(self):
        self.assertEqual(self.found(), [])

    def test_one_that_is_lost(self):
        self.e.mails = []
        self.assertEqual(self.found(), ["lost: the mail m1 to referrals/r is not filed"])

    def test_one_to_nobody_that_is_lost(self):
        self.e.unmatched = []
        self.assertEqual(self.found(), ["lost: the mail m2 to nobody is not filed"])

    def test_one_that_is_filed_twice(self):
        self.e.mails.append(self.came("b", "m1"))
        self.assertEqual(self.found(), ["told twice: the mail m1 is filed 2 times"])

    def test_one_that_is_filed_with_another_referral(self):
        self.e.mails = [self.came("a", "m1", "referrals/other")]
        self.assertEqual(len(self.found()), 2)

    def test_one_that_nobody_wrote(self):
        self.e.mails.append(self.came("b", "m3"))
        self.assertEqual(len(self.found()), 1)

    def test_one_to_nobody_that_an_officer_has_filed_since(self):
        self.e.unmatched[0]["filed"] = True
        self.e.mails.append(self.came("u", "m2"))
        self.assertEqual(self.found(), [])


class Bounces(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.e.referral(state="QUEUED", connector="STAFF")
        self.e.came_back()
        self.e.happened("referral", "referrals/r", "referral.mail_bounced")
        self.e.dead_contacts = {"hospital/records/records@hospital.example"}
        self.e.task("referral", "referral.verify_contact",
                    dedupe_key="referral.verify_contact/hospital/records/records@hospital.example")

    def found(self):
        return found(judge_bodies.judge_bounces, self.e)

    def test_a_mail_that_came_back(self):
        self.assertEqual(self.found() + found(judge_bodies.judge_inbound, self.e) + found(judge_bodies.judge_reading, self.e), [])

    def test_a_mail_that_came_back_and_was_lost(self):
        self.e.mails, self.e.events = [], collections.defaultdict(list)
        self.assertEqual(self.found(), ["lost: the bounce b@mail.sim is filed 0 times"])

    def test_a_mail_that_came_back_once_and_is_filed_twice(self):
        self.e.came_back(message_id="b@mail.sim", id="c")
        self.e.happened("referral", "referrals/r", "referral.mail_bounced")
        self.assertEqual(self.found(), ["told twice: the bounce b@mail.sim is filed 2 times"])

    def test_one_that_nobody_takes_for_a_bounce_and_nobody_reads(self):
        del self.e.events["referral"][:]
        self.assertEqual(self.found(), ["lost: referrals/r: 1 mails came back, 0 were noted as that, 0 are to be read or were"])

    def test_one_that_came_back_when_all_was_over_is_read(self):
        del self.e.events["referral"][:]
        self.e.task("referral", "referral.read_mail", dedupe_key="referral.read_mail/b")
        self.assertEqual(self.found() + found(judge_bodies.judge_reading, self.e), [])

    def test_a_bounce_of_nothing(self):
        self.e.happened("referral", "referrals/r", "referral.mail_bounced")
        self.assertEqual(len(self.found()), 1)

    def test_a_dead_address_that_nobody_verifies(self):
        self.e.tasks["referral"] = []
        self.assertEqual(self.found(), ["lost: hospital/records/records@hospital.example is dead, and nobody verifies it"])

    def test_a_good_address_that_somebody_verifies(self):
        self.e.dead_contacts = set()
        self.assertEqual(self.found(), ["surplus: hospital/records/records@hospital.example is good, and somebody verifies it"])

    def test_a_mail_that_was_in_doubt_and_came_back_is_no_question_any_more(self):
        self.e.mail("m", state="IN_DOUBT")
        self.assertEqual(found(judge_bodies.judge_mails, self.e), [])
        del self.e.events["referral"][:]
        self.assertEqual(found(judge_bodies.judge_mails, self.e), ["stuck: mail m is in doubt, and nobody is asked"])

    def test_what_was_not_written_to_a_dead_address_is_no_second_request(self):
        self.e.mail("m")
        self.e.mail("n", subject="", state="NOT_WRITTEN")
        self.assertEqual(found(judge_bodies.judge_mails, self.e), [])
        self.e.mails[-1]["state"] = "REFUSED"
        self.assertEqual(len(found(judge_bodies.judge_mails, self.e)), 1)

    def test_who_never_got_the_request_is_not_told_that_it_is_withdrawn(self):
        self.e.referral(state="CANCELLED", connector="STAFF")
        self.e.events["referral"] = []
        self.e.happened("referral", "referrals/r", "referral.state_changed", summary="陶然亭医院：已送出")
        self.e.happened("referral", "referrals/r", "referral.mail_bounced")
        self.e.happened("referral", "referrals/r", "referral.state_changed", summary="陶然亭医院：已撤回", when=1)
        self.assertEqual(found(judge_bodies.judge_withdrawals, self.e), [])
        del self.e.events["referral"][1]
        self.assertEqual(len(found(judge_bodies.judge_withdrawals, self.e)), 1)


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

    def test_a_silence_that_nobody_noticed(self):
        self.e.days = judge_bodies.DAYS_UNTIL_REMINDED
        self.assertEqual(self.found("state_changed"), ["lost: referrals/r is silent for 6 days, and nobody was reminded or asked"])

    def test_a_body_that_an_officer_asked_some_days_later_may_be_silent_for_a_while(self):
        self.e.days = judge_bodies.DAYS_UNTIL_REMINDED
        self.assertEqual(self.found("attempted"), [])

    def test_one_that_was_never_arranged(self):
        self.assertEqual(len(self.found("mail_sent")), 1)


if __name__ == "__main__":
    unittest.main()
