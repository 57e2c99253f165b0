"""Doctored ledgers must be refused."""
import unittest

import ledger

CASE = "cases/1"


def events(*types, subject=CASE):
    return [{"id": f"{subject}-{number}", "subject": subject, "type": f"case.{what}.v1"}
            for number, what in enumerate(types)]


class Ledger(unittest.TestCase):
    def refused(self, versions, told, word):
        found = ledger.walk_versions(versions, told)
        self.assertEqual(len(found), 1, found)
        self.assertIn(word, found[0])

    def test_a_whole_history_is_good(self):
        told = events("created", "contact_logged", "closure_proposed", "closed", "message_reported", "cut_off_passed")
        self.assertEqual(ledger.walk_versions({CASE: 6}, told), [])

    def test_other_kinds_of_subjects_are_left_alone(self):
        told = events("created") + events("replaced", subject="halls/110102016")
        self.assertEqual(ledger.walk_versions({CASE: 1}, told), [])

    def test_a_promise_changes_no_case(self):
        told = events("created") + [{"id": "p", "subject": CASE, "type": "promise.made.v1"}]
        self.assertEqual(ledger.walk_versions({CASE: 1}, told), [])

    def test_a_promise_makes_up_for_no_lost_event(self):
        self.refused({CASE: 2}, events("created") + [{"id": "p", "subject": CASE, "type": "promise.made.v1"}], "a gap")

    def test_a_lost_event_is_a_gap(self):
        self.refused({CASE: 3}, events("created", "contact_logged"), "a gap")

    def test_a_case_that_nobody_tells_of_is_a_gap(self):
        self.refused({CASE: 1, "cases/2": 1}, events("created"), "cases/2: a gap")

    def test_two_changes_of_one_version_are_a_fork(self):
        self.refused({CASE: 2}, events("created", "contact_logged", "next_action_set"), "a fork")

    def test_an_event_of_a_case_that_was_rolled_back(self):
        self.refused({CASE: 1}, events("created") + events("created", subject="cases/2"), "does not exist")

    def test_the_creation_comes_first(self):
        self.refused({CASE: 1}, events("contact_logged"), "begins with")

    def test_a_closed_case_goes_on(self):
        self.refused({CASE: 3}, events("created", "closed", "checklist_issued"), "after case.closed.v1")

    def test_an_event_twice(self):
        told = events("created")
        self.refused({CASE: 2}, told + [dict(told[0], type="case.contact_logged.v1")], "2 times")


if __name__ == "__main__":
    unittest.main()
