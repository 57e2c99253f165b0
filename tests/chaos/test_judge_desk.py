"""The judge refuses doctored evidence of what people did with tasks."""
import unittest

import judge
from desk import Lease
from doctored import Doctored, found


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


class Leases(unittest.TestCase):
    def setUp(self):
        self.e = Doctored()

    def lease(self, staff, granted, until=None):
        lease = Lease("tasks/t", staff, "token", granted)
        lease.until = until or lease.until
        self.e.load.desk.leases.append(lease)

    def given_back(self, asked, acknowledged, found_):
        self.e.load.desk.asked_back["tasks/t"], self.e.load.desk.given_back["tasks/t"] = asked, acknowledged
        for fence in range(found_):
            for move in ("started", "given_back"):
                self.e.moves["referral"].append({"task_id": "t", "fence": fence, "move": move, "detail": "",
                                                 "holder": "staff/wang" if move == "started" else ""})
        return found(judge.judge_desk, self.e)

    def test_a_lease_of_two(self):
        self.lease("staff/wang", 10)
        self.lease("staff/zhao-li", 20)
        self.assertEqual(found(judge.judge_desk, self.e), ["told twice: tasks/t was held by staff/wang and staff/zhao-li"])

    def test_one_who_takes_what_another_gave_back(self):
        self.lease("staff/wang", 10, 15)
        self.lease("staff/zhao-li", 20)
        self.assertEqual(found(judge.judge_desk, self.e), [])

    def test_one_who_takes_it_before_that(self):
        self.lease("staff/wang", 10, 25)
        self.lease("staff/zhao-li", 20)
        self.assertEqual(len(found(judge.judge_desk, self.e)), 1)

    def test_who_takes_it_again_has_it_alone(self):
        self.lease("staff/wang", 10)
        self.lease("staff/wang", 20)
        self.assertEqual(found(judge.judge_desk, self.e), [])

    def test_what_was_given_back_once(self):
        self.assertEqual(self.given_back(1, 1, 1), [])

    def test_a_request_without_an_answer_was_heard_or_not(self):
        self.assertEqual(self.given_back(2, 1, 1) + self.given_back(2, 1, 1), [])

    def test_what_was_given_back_and_lost(self):
        self.assertEqual(self.given_back(1, 1, 0), ["lost: tasks/t: given back 0 times, and 1 were acknowledged"])

    def test_a_dead_task_that_was_begun_anew(self):
        self.e.attempt("t", 5, 10, "dead", "requeued")
        self.assertEqual(found(judge.judge_desk, self.e), ["surplus: tasks/t: requeued 1 times, and asked for 0"])
        self.e.load.desk.asked_anew["tasks/t"] = 1
        self.assertEqual(found(judge.judge_desk, self.e), [])
        self.e.load.desk.requeued["tasks/t"] = 2
        self.assertEqual(found(judge.judge_desk, self.e), ["lost: tasks/t: requeued 1 times, and 2 were acknowledged"])

    def test_what_nobody_gave_back(self):
        self.assertEqual(self.given_back(0, 0, 1), ["surplus: tasks/t: given back 1 times, and asked for 0"])


if __name__ == "__main__":
    unittest.main()
