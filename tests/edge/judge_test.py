"""The judge of attacks finds each thing that it is there for, and nothing else."""
import dataclasses
import unittest

import judge

GOOD = judge.Figures("rapid_reset", [(5, "OK")] * 99 + [(499, "OK")], 100, {"intake": 10.0, "referral": 64.0}, 30.0, True, {"frames": 1})


def found(**changed):
    return judge.problems(dataclasses.replace(GOOD, **changed))


class Judge(unittest.TestCase):
    def test_finds_nothing_in_what_is_good(self):
        self.assertEqual(found(), [])

    def test_finds_a_probe_that_failed(self):
        self.assertEqual(found(calls=[(5, "OK")] * 99 + [(5, "UNAVAILABLE")]), ["1 probes failed: UNAVAILABLE"])

    def test_finds_probes_that_take_long(self):
        self.assertEqual(found(calls=[(5, "OK")] * 98 + [(501, "OK")] * 2), ["p99 501 ms, more than 500"])

    def test_finds_silence(self):
        self.assertEqual(found(calls=[(5, "OK")] * 49), ["49 probes were answered of 100"])
        self.assertIn("0 probes were answered of 100", found(calls=[]))

    def test_finds_a_service_that_grows(self):
        self.assertEqual(found(grown_mb={"intake": 65.0, "referral": 0.0}), ["intake grew by 65 MB, more than 64"])

    def test_finds_an_edge_that_its_container_cannot_hold(self):
        self.assertEqual(found(edge_mb=257.0), ["the edge took 257 MB, more than 256"])

    def test_finds_an_attack_that_was_none(self):
        self.assertEqual(found(sent={"refused": 100, "frames": 0}), ["the attack sent nothing"])
        self.assertEqual(found(sent={"connections": 1}), [])

    def test_finds_a_watch_that_ended(self):
        self.assertEqual(found(watching=False), ["the watch was ended, or told nothing"])


if __name__ == "__main__":
    unittest.main()
