#!/usr/bin/python3
"""The walk through what was done refuses doctored histories, and names their first illegal step."""
import datetime
import pathlib
import re
import unittest

import history

LEASE_S = 4


def at(seconds):
    return (datetime.datetime(2026, 5, 4, 9, tzinfo=datetime.timezone.utc)
            + datetime.timedelta(seconds=seconds)).isoformat()


def moves(*rows, task="t"):
    return [{"task_id": task, "fence": fence, "move": move, "time": at(time), "detail": "", "holder": "h"}
            for fence, move, time in rows]


def settled(outcome="done", task="t"):
    return [{"id": task, "kind": "k", "subject": "s", "outcome": outcome}]


def is_open(state, fence, task="t"):
    return [{"id": task, "kind": "k", "lane": "normal", "state": state, "fence": fence}]


def events(*types, subject="messages/m"):
    """Of a referral's changes of state the word for the new one is said: "referral.state_changed 已送出"."""
    told = []
    for type_ in types:
        kind, _, word = type_.partition(" ")
        told.append({"subject": subject, "type": f"{kind}.v1", "summary": f"八宝山殡仪馆：{word}"})
    return told


def of_case(*types):
    return events(*(f"case.{type_}" for type_ in types), subject="cases/c")


def of_referral(*types):
    return events(*(f"referral.{type_}" for type_ in types), subject="referrals/r")


def walk(moved, tasks=(), gone=()):
    return history.walk_tasks(moved, tasks, gone, LEASE_S)[0]


class TrueHistories(unittest.TestCase):
    def test_one_attempt_that_was_done(self):
        self.assertEqual(walk(moves((1, "started", 0), (1, "done", 1)), (), settled()), [])

    def test_retries_what_was_given_back_and_a_crash_until_it_is_done(self):
        self.assertEqual(walk(moves((1, "started", 0), (1, "retry", 1), (2, "started", 2), (2, "given_back", 3),
                                    (3, "started", 3.1), (4, "started", 8), (4, "done", 9), (3, "late", 10)),
                              (), settled()), [])

    def test_a_claim_whose_answer_was_lost_noted_before_or_after_its_lease_was_over(self):
        self.assertEqual(walk(moves((1, "started", 0), (1, "lost", 1), (2, "started", 2), (3, "started", 7), (2, "lost", 8),
                                    (3, "done", 9)), (), settled()), [])

    def test_a_task_that_waits_and_one_that_was_cancelled_before_anybody_took_it(self):
        self.assertEqual(walk([], is_open("pending", 0), settled("cancelled", "u")), [])

    def test_a_death_of_five_crashes_the_last_of_which_was_noted_as_none_too_late(self):
        died = moves(*((n, "started", 10 * n) for n in range(1, 6)), (6, "started", 60), (5, "late", 60.5), (6, "dead", 61))
        died[-1]["detail"] = "handling it crashed the worker five times"
        self.assertEqual(walk(died, is_open("dead", 6)), [])

    def test_a_dead_task_that_an_operator_requeued(self):
        died = moves((1, "started", 0), (1, "requeued", 7), (2, "started", 5), (2, "dead", 6), (2, "requeued", 7))
        self.assertEqual(walk(died, is_open("retry", 2)), [])
        self.assertEqual(walk(died + moves((3, "started", 8), (3, "done", 9)), (), settled()), [])

    def test_a_crash_is_told_with_the_time_until_the_task_was_begun_again(self):
        crashes = history.walk_tasks(moves((1, "started", 0), (2, "started", 4.5), (2, "done", 5)), (), settled(), LEASE_S)[1]
        self.assertEqual([round(again - began, 1) for began, again in crashes], [4.5])

    def test_a_message_that_a_person_told(self):
        self.assertEqual(history.walk_events(events("message.created", "message.handed_to_staff", "message.delivered")), [])

    def test_a_call_that_newer_words_make_needless(self):
        self.assertEqual(history.walk_events(events("message.created", "message.handed_to_staff", "message.suppressed")), [])

    def test_a_message_whose_receipt_came_after_everything_else(self):
        self.assertEqual(history.walk_events(events("message.created", "message.handed_to_staff", "message.not_reached",
                                                    "message.receipt_contradicted", "message.delivered")), [])

    def test_a_case_that_was_returned_once_and_heard_of_after_its_end(self):
        self.assertEqual(history.walk_events(of_case(
            "created", "referral_opened", "closure_proposed", "closure_returned", "next_action_set", "closure_proposed",
            "closed", "message_reported", "referral_progressed", "contact_logged")), [])

    def test_a_referral_that_was_carried_anew_answered_and_written_to_afterwards(self):
        self.assertEqual(history.walk_events(of_referral(
            "created", "mail_sent", "state_changed 已送出", "reminded", "decision_needed", "state_changed 待送出", "attempted",
            "state_changed 已送出", "state_changed 已答复", "replied", "cut_off_near", "mail_received", "replied")), [])

    def test_every_type_that_integrators_are_told_of_is_judged(self):
        text = (pathlib.Path(__file__).resolve().parents[2] / "docs/api/integration.md").read_text()
        told = set(re.findall(r"`((?!xixinting\.)[a-z_]+\.\w+\.v1)`", text))
        self.assertEqual(told, {type_ for moves in history.EVENT_MOVES.values() for type_ in moves})

    def test_the_words_for_a_referrals_states_are_those_of_its_proto(self):
        text = (pathlib.Path(__file__).resolve().parents[2] / "protos/xixinting/referral/v1/referral.proto").read_text()
        states = re.search(r"  enum State \{(.*?)\n  \}", text, re.S).group(1)
        words = re.findall(r'STATE_\w+ = \d+ \[\(common\.v1\.value_zh\) = "(.*?)"\]', states)
        self.assertEqual(set(words), history.ASKED | history.ENDED)


class DoctoredHistories(unittest.TestCase):
    def refuse(self, problem, *history_of_one):
        found = walk(*history_of_one)
        self.assertEqual(len(found), 1, found)
        self.assertIn(problem, found[0])

    def test_a_task_stolen_from_a_live_worker(self):
        self.refuse("attempt 2: claimed 3.00 s before the lease of attempt 1 was over",
                    moves((1, "started", 0), (2, "started", 1), (2, "done", 2), (1, "late", 3)), (), settled())

    def test_a_task_stolen_from_a_claim_that_is_called_lost_afterwards(self):
        self.refuse("attempt 2: claimed before attempt 1 had ended",
                    moves((1, "started", 0), (2, "started", 1), (2, "done", 2), (1, "lost", 3)), (), settled())

    def test_a_task_done_twice(self):
        self.refuse("attempt 2: claimed after it was settled",
                    moves((1, "started", 0), (1, "done", 1), (2, "started", 6), (2, "done", 7)), (), settled())

    def test_an_attempt_that_ended_twice(self):
        self.refuse("attempt 1: ended twice", moves((1, "started", 0), (1, "retry", 1), (1, "done", 2)), (), settled())

    def test_an_end_without_a_beginning(self):
        self.refuse("attempt 1: ended without having been started", moves((1, "done", 1)), (), settled())

    def test_an_attempt_that_was_erased(self):
        self.refuse("attempt 3: attempts go from 1 to 3",
                    moves((1, "started", 0), (1, "retry", 1), (3, "started", 6), (3, "done", 7)), (), settled())

    def test_a_settlement_that_no_attempt_made(self):
        self.refuse("settled as done by no attempt", moves((1, "started", 0), (1, "retry", 1)), (), settled())

    def test_a_task_that_vanished(self):
        self.refuse("gone without a trace", moves((1, "started", 0)))

    def test_a_task_settled_and_still_open(self):
        self.refuse("settled and still open", moves((1, "started", 0), (1, "done", 1)), is_open("running", 1), settled())

    def test_a_death_of_five_crashes_after_one(self):
        doctored = moves((1, "started", 0), (2, "started", 5), (2, "dead", 6))
        doctored[-1]["detail"] = "handling it crashed the worker five times"
        self.refuse("called dead of 5 crashes after 1", doctored, is_open("dead", 2))

    def test_a_death_of_outages_that_were_noted_as_none(self):
        doctored = moves(*(row for n in range(1, 6) for row in ((n, "started", 10 * n), (n, "late", 10 * n + 5))),
                         (6, "started", 60), (6, "dead", 60))
        doctored[-1]["detail"] = "handling it crashed the worker five times"
        self.refuse("called dead of 5 crashes after 0", doctored, is_open("dead", 6))

    def test_a_requeued_task_that_dies_of_crashes_that_were_forgiven(self):
        crashes = [row for n in range(1, 6) for row in ((n, "started", 5 * n), (n, "requeued", 31))]
        doctored = moves(*crashes, (6, "started", 30), (6, "dead", 30),
                         (6, "requeued", 31), (7, "started", 32), (8, "started", 37), (8, "dead", 37))
        for move in doctored:
            move["detail"] = "handling it crashed the worker five times" if move["move"] == "dead" else ""
        self.refuse("called dead of 5 crashes after 1", doctored, is_open("dead", 8))

    def test_a_message_told_again_after_it_was_told(self):
        found = history.walk_events(events("message.created", "message.delivered", "message.handed_to_staff"))
        self.assertEqual(found, ["messages/m: message.handed_to_staff.v1 while it is told"])

    def test_something_that_happened_before_it_was_there(self):
        found = history.walk_events(events("message.delivered", "message.created"))
        self.assertEqual(found, ["messages/m: message.delivered.v1 while it is not there"])

    def refuse_events(self, problem, told):
        self.assertEqual(history.walk_events(told), [f"{told[0]['subject']}: {problem}"])

    def test_a_case_closed_without_a_proposal(self):
        self.refuse_events("case.closed.v1 while it is open", of_case("created", "closed", "closure_proposed"))

    def test_a_closed_case_that_is_acted_on(self):
        self.refuse_events("case.next_action_set.v1 while it is closed",
                           of_case("created", "closure_proposed", "closed", "next_action_set"))

    def test_a_body_reminded_after_it_answered(self):
        self.refuse_events("referral.reminded.v1 while it is 已答复", of_referral(
            "created", "state_changed 已送出", "state_changed 已答复", "replied", "reminded", "decision_needed"))

    def test_a_referral_that_lives_on_after_its_end(self):
        self.refuse_events("referral.state_changed.v1 while it is 已撤回", of_referral(
            "created", "state_changed 已撤回", "state_changed 已送出"))

    def test_a_referral_given_up_while_the_window_owes_the_body_papers(self):
        self.refuse_events("referral.state_changed.v1 from 待补充 to 无答复", of_referral(
            "created", "state_changed 已送出", "state_changed 待补充", "state_changed 无答复"))

    def test_an_event_that_nobody_knows(self):
        self.refuse_events("case.vanished.v1 is no type of its events", of_case("created", "vanished"))


if __name__ == "__main__":
    unittest.main()
