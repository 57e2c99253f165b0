#!/usr/bin/python3
"""Doubt, and work given up, have a price; doctored evidence goes beyond it."""
import unittest

import doubt
import judge
from doctored import Doctored, at, found, wall


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
        self.refuse("5 mails in doubt for their sender died, where the faults explain 4")

    def test_a_mail_that_two_died_with_is_laid_to_the_one_that_has_not_its_share(self):
        for number in range(2 * doubt.SENDERS):
            self.e.doubtful(f"m{number}", 10)
        for number in range(doubt.SENDERS):
            self.e.attempt(f"m{number}", 3, 12, process=8)
        self.e.died(7, 11)
        self.e.died(8, 13)
        self.accept()

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
        self.refuse("9 mails in doubt for nobody noted what came of them, where the faults explain 8")

    def test_a_store_that_comes_back_in_time_explains_nothing(self):
        self.e.doubtful("m", 10, "late")
        self.e.step("pg_kill", 10, 10.2)
        self.refuse("1 mails in doubt for nobody noted what came of them, where the faults explain 0")

    def test_another_services_store_explains_nothing(self):
        self.e.doubtful("m", 10, "late")
        self.e.step("blackhole", 10, 14, route="pg-intake", seconds=4)
        self.e.step("pg_lock", 10, 14, service="intake", seconds=4)
        self.refuse("1 mails in doubt for nobody noted what came of them, where the faults explain 0")

    def test_nor_does_the_way_to_the_service_itself(self):
        self.e.doubtful("m", 10, "late")
        for do in ("blackhole", "refuse", "swizzle"):
            self.e.step(do, 10, 14, route="referral", seconds=4)
        self.refuse("1 mails in doubt for nobody noted what came of them, where the faults explain 0")
        self.assertFalse(any(doubt.answers_lost(step) for step, _, _ in self.e.journal.spans))

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


class Crashes(unittest.TestCase):
    """A task that was given up for workers died of it: of five attempts, by processes 1 to 5, one every ten seconds."""

    def setUp(self):
        self.e = Doctored()
        for number in range(1, 6):
            self.e.attempt("t", number, 10 * number, process=number)
        self.e.attempt("t", 6, 60, "dead", process=99, detail="handling it crashed the worker five times")

    def died(self, *processes, after=2):
        for process in processes:
            self.e.died(process, 10 * process + after)

    def refuse(self):
        self.assertEqual(found(judge.judge_doubt, self.e),
                         ["doubt: 1 tasks given to a person for workers died of them, where the faults explain 0"])

    def accept(self):
        self.assertEqual(found(judge.judge_doubt, self.e), [])

    def test_each_process_died_in_its_attempt(self):
        self.died(1, 2, 3, 4, 5)
        self.accept()

    def test_deaths_of_other_processes_explain_nothing(self):
        for number in range(1, 6):
            self.e.died(100 + number, 10 * number + 2)
        self.refuse()

    def test_four_deaths_explain_no_fifth(self):
        self.died(1, 2, 3, 4)
        self.refuse()

    def test_nor_does_the_death_of_that_process_in_another_service(self):
        self.died(1, 2, 3, 4)
        self.e.died(5, 52, "intake")
        self.refuse()

    def test_a_death_long_after_the_lease_explains_nothing(self):
        self.died(1, 2, 3, 4)
        self.died(5, after=20)
        self.refuse()

    def test_but_does_if_the_store_was_away_until_then(self):
        self.died(1, 2, 3, 4)
        self.died(5, after=20)
        self.e.step("pg_kill", 51, 68)
        self.accept()

    def test_an_outage_by_itself_is_no_crash(self):
        self.died(1, 2, 3, 4)
        self.e.step("pg_kill", 51, 58)
        self.refuse()

    def test_another_services_store_explains_nothing(self):
        self.died(1, 2, 3, 4)
        self.died(5, after=20)
        self.e.step("blackhole", 51, 68, route="pg-intake", seconds=17)
        self.refuse()

    def test_who_is_told_to_stop_while_the_store_is_away_can_note_nothing(self):
        self.died(1, 2, 3, 4)
        self.e.step("pg_kill", 51, 68)
        self.e.journal.exits.append(("referral", 5, wall(56)))
        self.accept()

    def test_who_is_told_to_stop_when_it_is_back_notes_what_there_is(self):
        self.died(1, 2, 3, 4)
        self.e.step("cut_commit", 51, 56, route="pg-referral")
        self.e.journal.exits.append(("referral", 5, wall(59)))
        self.refuse()

    def test_who_is_told_to_stop_while_it_is_there_leaves_nothing_behind(self):
        self.died(1, 2, 3, 4)
        self.e.journal.exits.append(("referral", 5, wall(52)))
        self.refuse()

    def test_a_process_that_was_paused_past_its_lease_could_not_say_so(self):
        self.died(1, 2, 3, 4)
        self.e.journal.pauses.append(("referral", 5, wall(50.5), wall(61)))
        self.accept()

    def test_a_pause_of_another_process_explains_nothing(self):
        self.died(1, 2, 3, 4)
        self.e.journal.pauses.append(("referral", 4, wall(50.5), wall(61)))
        self.refuse()

    def test_a_process_that_said_so_too_late_is_believed(self):
        self.died(1, 2, 3, 4)
        self.e.attempt("t", 5, 61, "late", process=5)
        del self.e.moves["referral"][-2]  # it had begun before
        self.accept()

    def test_a_task_that_was_begun_anew_must_die_of_crashes_again(self):
        self.died(1, 2, 3, 4, 5)
        for number in range(1, 7):
            self.e.moves["referral"].append({"task_id": "t", "fence": number, "move": "requeued", "time": at(70), "detail": "",
                                             "holder": ""})
        self.accept()
        for number in range(7, 12):
            self.e.attempt("t", number, 10 * number + 10, process=number)
        self.e.attempt("t", 12, 130, "dead", process=99, detail="handling it crashed the worker five times")
        self.refuse()
        for process in range(7, 12):
            self.e.died(process, 10 * process + 12)
        self.accept()

    def test_a_claim_that_was_held_on_its_way_comes_after_the_death(self):
        self.died(1, 2, 3, 4)
        self.died(5, after=-1)
        self.accept()


class InDoubtOfCrashes(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()
        for number in range(1, 6):
            self.e.attempt("t", number, 10 * number, process=number, service="notification")
            self.e.died(number, 10 * number + 1, "notification")
        self.e.attempt("t", 6, 60, "dead", service="notification", detail="handling it crashed the worker five times")

    def test_the_task_that_sends_it_counts(self):
        self.e.task("notification", "message.send_sms", id="t", subject="messages/m")
        self.assertEqual(judge.given_up_of_crashes(self.e), {"messages/m"})

    def test_crashes_that_were_none_do_not(self):
        self.e.task("notification", "message.send_sms", id="t", subject="messages/m")
        del self.e.journal.deaths[2]
        self.assertEqual(judge.given_up_of_crashes(self.e), set())

    def test_the_death_of_its_report_says_nothing_of_the_text_message(self):
        self.e.task("notification", "message.report_case", id="t", subject="messages/m")
        self.assertEqual(judge.given_up_of_crashes(self.e), set())


if __name__ == "__main__":
    unittest.main()
