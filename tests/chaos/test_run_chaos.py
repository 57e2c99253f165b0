#!/usr/bin/python3
"""The long campaign is held to what it should reach."""
import contextlib
import io
import types
import unittest
from unittest import mock

import run_chaos
from evidence import Verdict


def totals(kills=10000, points=45, redis=300, postgres=200, commits=2000, slowest=60.0):
    made = run_chaos.Totals()
    made.kills = {f"point.{number}": 1 for number in range(points)} | {"outside": kills - points}
    made.done = {"redis_flush": redis, "pg_kill": postgres, "commits cut": commits}
    made.recoveries = [5.0] * 199 + [slowest]
    return made


class LongCampaign(unittest.TestCase):
    def test_one_that_reached_everything_missed_nothing(self):
        self.assertEqual(totals().missed(), [])

    def test_each_figure_is_asked_for(self):
        short = {"kills": 9999, "points": 44, "redis": 299, "postgres": 199, "commits": 1999, "slowest": 60.1}
        for what, value in short.items():
            self.assertEqual(len(totals(**{what: value}).missed()), 1, what)

    def test_slow_recoveries_are_missed_also_where_the_slowest_is_quick_enough(self):
        slow = totals()
        slow.recoveries = [36.0] * 200
        self.assertEqual(slow.missed(), ["recovery p99 36.0 s, more than 35 s"])

    def exit_of(self, kills):
        """Of a campaign that kept every promise, and did nothing else."""
        arguments = types.SimpleNamespace(kills=kills, seed=1, keep=False, days=0, lease=4, no_failover=True, only="",
                                          forgetful=False)
        with mock.patch.object(run_chaos, "Campaign") as campaign, contextlib.redirect_stdout(io.StringIO()):
            campaign.return_value = types.SimpleNamespace(
                journal=types.SimpleNamespace(kills={"outside": kills}, done={}, lines=[]), recoveries=[], options=mock.Mock(seed=1),
                load=types.SimpleNamespace(hand_offs={}, referrals={}, inbound={}), run=self.kept)
            return run_chaos.run(arguments)

    @staticmethod
    def kept():
        verdict = Verdict()
        verdict.p99 = verdict.p100 = 0.0
        return verdict

    def test_who_was_asked_for_ten_thousand_kills_and_did_less_than_that_fails(self):
        self.assertEqual(self.exit_of(10000), 1)

    def test_a_short_campaign_is_asked_for_no_figures(self):
        self.assertEqual(self.exit_of(40), 0)


if __name__ == "__main__":
    unittest.main()
