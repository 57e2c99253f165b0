#!/usr/bin/python3
"""The judge refuses doctored evidence of cases, and is content with what faults explain."""
import unittest

import judge
import judge_cases
from doctored import Doctored, at, found


class Closing(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.case(state="CLOSED")
        self.e.load.closed.add("cases/c")
        self.e.load.done["closed", "cases/c"] = 1

    def test_a_closed_case_is_told_once(self):
        self.e.happened("intake", "cases/c", "case.closed")
        self.e.message("cases/c#closed")
        self.assertEqual(found(judge.judge_effects, self.e) + found(judge_cases.judge_told, self.e), [])
        self.e.message("cases/c#closed")
        self.assertEqual(found(judge_cases.judge_told, self.e), ["told twice: cases/c#closed: 2 messages where 1 belong"])

    def test_a_closing_that_nobody_is_told_of(self):
        self.assertEqual(found(judge_cases.judge_told, self.e), ["lost: cases/c#closed: 0 of 1 messages"])

    def test_a_closing_that_was_acknowledged_and_lost(self):
        self.e.cases["cases/c"]["state"] = "IN_PROGRESS"
        self.assertEqual(found(judge.judge_effects, self.e),
                         ["lost: cases/c: 0 of 1 closed", "lost: closed case cases/c was acknowledged and does not exist"])

    def test_a_closed_case_is_nobodys_work(self):
        self.e.task("intake", "case.act", subject="cases/c")
        self.e.task("intake", "case.review_closure", subject="cases/c")
        self.assertEqual(found(judge.judge_next_actions, self.e),
                         ["no next action: cases/c is CLOSED, and its closure is to be reviewed",
                          "surplus: cases/c is closed, and still somebody's work"])

    def checklist_told(self, made, settled):
        """A task to tell of it, made and settled so many seconds after the case was closed."""
        self.e.happened("intake", "cases/c", "case.closed", when=100)
        self.e.message("cases/c#closed")
        self.e.load.done["checklist", "cases/c"] = 1
        self.e.settled["intake"].append({"id": "t", "kind": "case.tell", "subject": "cases/c", "outcome": "done",
                                         "create_time": at(100 + made), "settle_time": at(100 + settled)})

    def test_what_came_too_late_for_a_closed_case_need_not_be_told(self):
        self.checklist_told(-1, 1)
        self.assertEqual(found(judge_cases.judge_told, self.e), [])

    def test_what_was_done_before_the_closing_should_have_been_told(self):
        self.checklist_told(-10, -5)
        self.assertEqual(found(judge_cases.judge_told, self.e), ["lost: cases/c#checklist.1: 0 of 1 messages"])

    def test_the_telling_of_the_closing_itself_excuses_nothing(self):
        self.checklist_told(0, 1)
        self.assertEqual(found(judge_cases.judge_told, self.e), ["lost: cases/c#checklist.1: 0 of 1 messages"])

    def test_news_of_a_body_for_a_closed_case_are_for_a_person(self):
        self.e.referral()
        self.e.happened("intake", "cases/c", "case.closed")
        self.e.message("cases/c#closed")
        self.e.load.replies["referrals/r"] = 1
        self.assertEqual(found(judge_cases.judge_told, self.e), ["lost: cases/c#referral-answered.r: 0 of 1 messages"])
        self.e.task("intake", "case.tell", state="dead", dedupe_key="case.tell/cases/c#referral-answered.r", subject="cases/c")
        self.assertEqual(found(judge_cases.judge_told, self.e), [])


class Told(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.e.referral()

    def test_a_checklist_that_nobody_is_told_of(self):
        self.e.load.done["checklist", "cases/c"] = 1
        self.assertEqual(found(judge_cases.judge_told, self.e), ["lost: cases/c#checklist.1: 0 of 1 messages"])

    def test_each_route_sheet_is_told(self):
        self.e.load.done["route sheet", "referrals/r"] = 2
        self.e.message("cases/c#route-sheet.r.1")
        self.assertEqual(found(judge_cases.judge_told, self.e), ["lost: cases/c#route-sheet.r.2: 0 of 1 messages"])

    def test_what_the_machine_gave_up_excuses_that_event_alone(self):
        self.e.load.done["checklist", "cases/c"] = 1
        self.e.load.done["route sheet", "referrals/r"] = 1
        self.e.task("intake", "case.tell", state="dead", dedupe_key="case.tell/cases/c#checklist.1", subject="cases/c")
        self.assertEqual(found(judge_cases.judge_told, self.e), ["lost: cases/c#route-sheet.r.1: 0 of 1 messages"])

    def test_a_report_that_was_given_up_excuses_what_it_would_have_told(self):
        self.e.load.done["route sheet", "referrals/r"] = 1
        self.e.load.replies["referrals/r"] = 1
        self.e.task("referral", "referral.report_case", state="dead", subject="referrals/r", report="ROUTE_SHEET", route_sheet="1")
        self.assertEqual(found(judge_cases.judge_told, self.e), ["lost: cases/c#referral-answered.r: 0 of 1 messages"])
        self.e.tasks["referral"][0]["report"] = "ANSWERED"
        self.assertEqual(found(judge_cases.judge_told, self.e), ["lost: cases/c#route-sheet.r.1: 0 of 1 messages"])

    def test_a_message_of_no_request(self):
        self.e.message("cases/c#route-sheet.r.1")
        self.assertEqual(found(judge_cases.judge_told, self.e), ["told twice: cases/c#route-sheet.r.1: 1 messages where 0 belong"])


class Values(unittest.TestCase):
    """Of what may be set again and again, the last stands."""

    def setUp(self):
        self.e = Doctored()
        self.e.case(next_action_time=at(2))
        self.e.referral(anchor_day="2026-05-02")
        self.e.said["cases/c"] = {"outcome": {"text": "second"}, "parties": [{"name": "cases/c/parties/p",
                                                                              "phone_number": "+86 138 0000 0005"}]}

    def found(self):
        return found(judge_cases.judge_values, self.e)

    def next_action(self, *events):
        self.e.set("next action", "cases/c", at(1), at(3))
        for event in events:
            type_, _, summary = event.partition(" ")
            self.e.happened("intake", "cases/c", f"case.{type_}", summary=summary)
        return self.found()

    def test_an_earlier_next_action(self):
        self.assertEqual(len(self.next_action("next_action_set", "contact_logged", "next_action_set")), 1)

    def test_the_last_next_action(self):
        self.e.cases["cases/c"]["next_action_time"] = at(3)
        self.assertEqual(self.next_action("next_action_set", "next_action_set"), [])

    def test_a_next_action_that_an_answer_has_set_since(self):
        self.assertEqual(self.next_action("next_action_set", "referral_answered"), [])

    def test_a_next_action_that_nobody_reached_has_set_since(self):
        self.assertEqual(self.next_action("next_action_set", "message_reported 通知未送达，多次拨打未联系上"), [])

    def test_a_message_that_arrived_sets_none(self):
        self.assertEqual(len(self.next_action("next_action_set 下一步：再次联系", "message_reported 通知已送达")), 1)

    def test_unless_the_person_was_to_be_told_in_another_way(self):
        self.assertEqual(self.next_action("next_action_set 下一步：电话未能联系上当事人，另想办法告知",
                                          "message_reported 通知已送达"), [])

    def test_of_two_that_were_asked_for_at_the_same_time_either_may_be_the_last(self):
        self.e.set("cut-off", "referrals/r", "2026-05-02", "2026-05-03", each_s=0.1)
        self.assertEqual(self.found(), [])

    def test_an_earlier_day(self):
        self.e.set("cut-off", "referrals/r", "2026-05-02", "2026-05-03")
        self.assertEqual(self.found(), ["lost: referrals/r: its cut-off is 2026-05-02, and was set to 2026-05-03"])

    def test_an_earlier_word(self):
        self.e.set("outcome", "cases/c", "first", "second")
        self.assertEqual(self.found(), [])
        self.e.said["cases/c"]["outcome"]["text"] = "first"
        self.assertEqual(self.found(), ["lost: cases/c: its outcome is first, and was set to second"])

    def test_an_earlier_number(self):
        self.e.set("phone", "cases/c/parties/p", "13900000005", "13800000005")
        self.assertEqual(self.found(), [])
        self.e.set("phone", "cases/c/parties/p", "13800000005", "13900000005")
        self.assertEqual(self.found(),
                         ["lost: cases/c/parties/p: its phone is 13800000005, and was set to 13900000005"])


class Papers(unittest.TestCase):
    """Of a case with a paper that was found missing, and one that was received."""

    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.e.load.window.gaps["补充证明"] = "cases/c"
        self.e.load.window.received.add("cases/c/papers/1")
        self.e.papers_kept["cases/c"] = 2

    def found(self, *states):
        self.e.said["cases/c"] = {"papers": [{"name": f"cases/c/papers/{number}", "state": f"STATE_{state}",
                                              "title": ("补充证明", "户口本")[number]} for number, state in enumerate(states)]}
        return found(judge_cases.judge_papers, self.e)

    def test_those_that_say_so(self):
        self.assertEqual(self.found("NEEDED", "RECEIVED"), [])

    def test_a_gap_that_is_forgotten(self):
        self.e.load.window.gaps["关系证明"] = "cases/c"
        self.assertEqual(self.found("NEEDED", "RECEIVED"),
                         ["lost: cases/c: that 关系证明 is missing was acknowledged, and it does not say so"])

    def test_one_that_was_received_and_does_not_say_so(self):
        self.assertEqual(self.found("NEEDED", "SOURCING"),
                         ["lost: received paper cases/c/papers/1 was acknowledged and does not exist"])

    def test_one_that_nobody_received(self):
        self.assertEqual(self.found("RECEIVED", "RECEIVED"),
                         ["surplus: received paper cases/c/papers/0 exists, and no acknowledged request made it"])

    def test_a_row_that_no_list_shows(self):
        self.e.papers_kept["cases/c"] = 3
        self.assertEqual(self.found("NEEDED", "RECEIVED"), ["lost: cases/c: 2 of 3 papers listed"])


class Recipients(unittest.TestCase):
    """Of a number that was corrected once; the text message goes out ten seconds after that was made known."""

    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.name, = self.e.messages
        self.person = self.e.load.hand_offs["cases/c"]
        self.person.phones.append("18000000005")
        self.e.set("phone", "cases/c/parties/p", "18000000005")
        self.e.settled["intake"].append({"id": "t", "kind": "case.correct_recipient", "subject": "cases/c/parties/p",
                                         "outcome": "done", "settle_time": at(10)})
        self.e.attempt("d", 1, 20, "done", service="notification")

    def found(self, state="HANDED_TO_STAFF", revision=1):
        self.e.messages[self.name] |= {"state": state, "revision": revision}
        return found(judge_cases.judge_recipients, self.e)

    def test_who_is_still_to_be_told_is_known_by_the_right_number(self):
        self.assertEqual(self.found(), [])

    def test_a_correction_that_did_not_follow(self):
        self.assertEqual(self.found(revision=0),
                         ["lost: messages/0 is HANDED_TO_STAFF, and knows 0 of 1 corrections of cases/c/parties/p"])

    def test_what_was_told_before_may_know_nothing_of_it(self):
        self.assertEqual(self.found("DELIVERED", 0), [])

    def test_a_correction_that_was_given_up_has_a_person(self):
        self.e.task("intake", "case.correct_recipient", state="dead", subject="cases/c/parties/p")
        self.assertEqual(self.found(revision=0), [])

    def test_a_message_that_may_have_got_through_after_it_was_given_up(self):
        self.e.task("intake", "case.tell", state="dead", subject="cases/c", dedupe_key="case.tell/cases/c#received")
        self.assertEqual(self.found(revision=0), [])

    def test_a_correction_that_nobody_asked_for(self):
        self.assertEqual(len(self.found(revision=2)), 1)

    def test_the_right_number(self):
        self.e.text(self.name, to="+8618000000005")
        self.assertEqual(self.found("DELIVERED"), [])

    def test_the_number_of_before(self):
        self.e.text(self.name)
        self.assertEqual(self.found("DELIVERED"),
                         ["untrue: the text message d went to a number that cases/c/parties/p had been corrected from"])

    def test_which_it_may_go_to_if_sending_had_begun(self):
        self.e.text(self.name)
        self.e.attempt("d", 0, 5, "retry", service="notification")
        self.assertEqual(self.found("DELIVERED"), [])

    def test_somebody_elses_number(self):
        self.e.text(self.name, to="18000000006")
        self.assertEqual(self.found("DELIVERED"),
                         ["untrue: the text message d went to a number that was never cases/c/parties/p's"])


class Promises(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        self.window = self.e.load.window

    def promise(self, state, due, version=1, timer=False, work=False):
        name = f"cases/c/promises/{len(self.e.promises)}"
        self.window.promises[name] = ("cases/c", at(due))
        if state.startswith("KEPT"):
            self.window.kept.add(name)
        self.e.promises[name] = {"name": name, "case_name": "cases/c", "state": state, "due_time": at(due), "version": version}
        self.e.happened("intake", "cases/c", "promise.made", *["promise.kept"] * (version - 1))
        if timer:
            self.e.task("intake", "promise.due", subject=name, lane="normal")
        if work:
            self.e.task("intake", "promise.broken", subject=name)
        return name

    def found(self):
        return found(judge_cases.judge_promises, self.e)

    def refuse(self, *words):
        self.assertEqual(self.found(), list(words))

    def test_those_that_are_kept_broken_and_open(self):
        self.promise("KEPT", -500, 2)
        self.promise("KEPT_LATE", -500, 3)
        self.promise("BROKEN", -500, 2, work=True)
        self.promise("OPEN", 500, timer=True)
        self.refuse()

    def test_one_that_is_due_in_this_moment(self):
        self.promise("OPEN", -5, timer=True)
        self.refuse()

    def test_one_that_was_lost(self):
        self.window.promises["cases/c/promises/x"] = ("cases/c", at(0))
        self.refuse("lost: promise cases/c/promises/x was acknowledged and does not exist")

    def test_one_that_nobody_made(self):
        name = self.promise("OPEN", 500, timer=True)
        del self.window.promises[name]
        self.refuse(f"surplus: promise {name} exists, and no acknowledged request made it")

    def test_one_that_was_kept_and_is_not_called_so(self):
        self.window.kept.add(self.promise("BROKEN", -500, 2, work=True))
        self.refuse("lost: kept promise cases/c/promises/0 was acknowledged and does not exist")

    def test_one_for_another_day(self):
        name = self.promise("OPEN", 500, timer=True)
        self.window.promises[name] = ("cases/c", at(600))
        self.assertEqual(len(self.found()), 1)

    def test_one_without_a_timer(self):
        self.promise("OPEN", 500)
        self.refuse("no next action: cases/c/promises/0 is open, and has no timer")

    def test_one_whose_time_has_passed_in_silence(self):
        self.promise("OPEN", -500, timer=True)
        self.refuse(f"stuck: cases/c/promises/0 was due at {at(-500)}, and is open")

    def test_one_that_is_broken_and_nobodys_work(self):
        self.promise("BROKEN", -500, 2)
        self.refuse("no next action: cases/c/promises/0 is BROKEN, and nobody is to make it good")

    def test_one_that_is_kept_and_still_somebodys_work(self):
        self.promise("KEPT_LATE", -500, 3, work=True)
        self.refuse("surplus: cases/c/promises/0 is KEPT_LATE, and somebody is to make it good")

    def test_one_that_is_broken_before_its_time(self):
        self.promise("BROKEN", 5000, 2, work=True)
        self.refuse(f"untrue: cases/c/promises/0 is broken, and not due before {at(5000)}")

    def test_one_that_is_kept_and_still_has_a_timer(self):
        self.promise("KEPT", 500, 2, timer=True)
        self.refuse("surplus: cases/c/promises/0 is KEPT, and still has a timer")

    def test_a_change_that_the_case_was_not_told_of(self):
        self.promise("KEPT", 500, 2)
        del self.e.events["intake"][-1]
        self.refuse("lost: cases/c: 1 of 2 events of its promises")


class NextActions(unittest.TestCase):
    """Of a case and a referral, each with its work."""

    def setUp(self):
        self.e = Doctored()
        self.e.case()
        self.e.referral()
        self.e.task("intake", "case.act", subject="cases/c", due="then")
        self.e.task("referral", "referral.chase", subject="referrals/r", due="then", lane="normal")

    def refuse(self, *words):
        self.assertEqual(found(judge.judge_next_actions, self.e), list(words))

    def dead(self, service, kind, subject, shown_by=""):
        self.e.task(service, kind, id="t", subject=subject, lane="normal", state="dead")
        if shown_by:
            self.e.task(service, shown_by, dedupe_key=f"{shown_by}/t")

    def test_each_has_its_work(self):
        self.refuse()

    def test_a_case_that_is_nobodys_work(self):
        self.e.tasks["intake"] = []
        self.refuse("no next action: cases/c is open, and nobody's work")

    def test_work_at_another_time_than_the_case_says(self):
        self.e.tasks["intake"][0]["due"] = "later"
        self.refuse("no next action: cases/c says then, its task later")

    def test_a_closure_that_nobody_is_to_review(self):
        self.e.cases["cases/c"]["state"] = "CLOSURE_PROPOSED"
        self.refuse("no next action: cases/c is CLOSURE_PROPOSED, and no closure is to be reviewed")

    def test_a_referral_without_a_timer(self):
        self.e.tasks["referral"] = []
        self.refuse("no next action: referrals/r is SENT, and has no timer")

    def test_a_timer_at_another_time_than_the_referral_says(self):
        self.e.tasks["referral"][0]["due"] = "later"
        self.refuse("no next action: referrals/r says then, its timer later")

    def test_a_timer_of_what_has_ended(self):
        self.e.referral(state="NO_ANSWER")
        self.refuse("surplus: referrals/r has ended, and still has a timer")

    def test_a_person_who_is_to_be_rung_up_by_nobody(self):
        name = self.e.message("cases/c#closed", "HANDED_TO_STAFF")
        self.refuse(f"no next action: {name} is HANDED_TO_STAFF, and nobody's work")
        self.e.task("notification", "message.call", subject=name)
        self.refuse()

    def test_a_dead_task_that_nobody_is_told_of(self):
        self.dead("intake", "promise.due", "cases/c/promises/p")
        self.refuse("no next action: promise.due t died, and nobody is told")

    def test_a_dead_task_that_somebody_sees_to(self):
        self.dead("intake", "promise.due", "cases/c/promises/p", shown_by="case.dead_task")
        self.refuse()

    def test_a_dead_mail_that_is_not_due_any_more(self):
        self.dead("referral", "referral.send_mail", "referrals/r")
        self.refuse()

    def test_a_dead_mail_that_is_due(self):
        self.dead("referral", "referral.send_mail", "referrals/r")
        self.e.referrals["referrals/r"]["mail_due"] = "t"
        self.refuse("no next action: referral.send_mail t died, and nobody is told")

    def test_a_withdrawal_that_died_when_its_referral_had_ended(self):
        self.dead("referral", "referral.send_mail", "referrals/r")
        del self.e.tasks["referral"][0]
        self.e.referral(state="CANCELLED", mail_due="t")
        self.refuse("no next action: referral.send_mail t died, and nobody is told")


if __name__ == "__main__":
    unittest.main()
