#!/usr/bin/python3
"""The long campaign is held to what it should reach."""
import collections
import contextlib
import io
import pathlib
import random
import tempfile
import types
import unittest
from unittest import mock

import faults
import plan
import run_chaos
from evidence import Verdict
from instance import SERVICES
from plan import Step


def totals(kills=10000, points=45, redis=300, postgres=200, commits=2000, slowest=60.0):
    made = run_chaos.Totals()
    made.kills = {f"point.{number}": 1 for number in range(points)} | {"outside": kills - points}
    made.done = {"redis_flush": redis, "redis_loading": 100, "pg_kill": postgres, "commits cut": commits}
    made.recoveries = [5.0] * 199 + [slowest]
    return made


class LongCampaign(unittest.TestCase):
    def test_one_that_reached_everything_missed_nothing(self):
        self.assertEqual(totals().missed(run_chaos.LONG), [])

    def test_each_figure_is_asked_for(self):
        short = {"kills": 9999, "points": 44, "redis": 299, "postgres": 199, "commits": 1999, "slowest": 60.1}
        for what, value in short.items():
            self.assertEqual(len(totals(**{what: value}).missed(run_chaos.LONG)), 1, what)

    def test_a_redis_that_was_loading_was_lost_and_one_that_came_back_at_once_was_not(self):
        few = totals(redis=299)
        self.assertEqual(few.missed(run_chaos.LONG), ["299 losses of Redis, less than 300"])
        few.done["redis answered LOADING"] = 1
        self.assertEqual(few.missed(run_chaos.LONG), [])

    def test_slow_recoveries_are_missed_also_where_the_slowest_is_quick_enough(self):
        slow = totals()
        slow.recoveries = [36.0] * 200
        self.assertEqual(slow.missed(run_chaos.LONG), ["recovery p99 36.0 s, more than 35 s"])

    def test_a_short_campaign_is_held_to_how_soon_things_recover_alone(self):
        self.assertEqual(totals(kills=40).missed(40), [])
        self.assertEqual(totals(kills=40, slowest=60.1).missed(40), ["recovery p100 60.1 s, more than 60 s"])

    def exit_of(self, kills):
        """Of a campaign that kept every promise, and did nothing else."""
        arguments = types.SimpleNamespace(kills=kills, seed=1, keep=False, days=0, lease=4, no_failover=True, only="",
                                          forgetful=False, quick=False)
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


class Replay(unittest.TestCase):
    def replayed(self, words):
        """Each round of a campaign, with what its own command would play; that must be one round."""
        args = run_chaos.parse(words.split())
        for number, left in enumerate(range(args.kills, 0, -run_chaos.KILLS_PER_ROUND)):
            options = run_chaos.options_of(args, number, left)
            command, *again = run_chaos.replay_of(options).split()
            self.assertEqual(command, "run_chaos.py")
            again = run_chaos.parse(again)
            self.assertLessEqual(again.kills, run_chaos.KILLS_PER_ROUND)
            yield options, run_chaos.options_of(again, 0, again.kills)

    def test_each_round_has_a_command_that_plays_it_alone(self):
        for words in ("", "--kills 10000 --seed 7", "--kills 1050 --days 5 --lease 8 --no-failover", "--kills 40 --forgetful --seed 3",
                      "--kills 600 --only redis_flush,smtp"):
            for played, again in self.replayed(words):
                self.assertEqual(played, again)

    def test_an_odd_round_has_another_gateway_and_a_short_last_one_is_still_quick(self):
        *_, (played, again) = self.replayed("--kills 550 --seed 1")
        self.assertEqual((played.seed, played.kills, played.forgetful, played.senders), (2, 50, True, run_chaos.QUICK["senders"]))
        self.assertEqual(played, again)

    def test_a_failed_round_names_it(self):
        campaign = types.SimpleNamespace(options=run_chaos.options_of(run_chaos.parse(["--kills", "600", "--seed", "1"]), 1, 100),
                                         instance=types.SimpleNamespace(dir="there"), journal=types.SimpleNamespace(lines=[]))
        with contextlib.redirect_stdout(io.StringIO()) as said:
            run_chaos.show_failure(campaign, Verdict())
        self.assertIn("run_chaos.py --kills 100 --seed 2 --lease 4 --days 3 --forgetful --quick", said.getvalue())


class Plan(unittest.TestCase):
    def test_every_connection_is_cut_held_up_and_refused(self):
        routes = {"redis", "smtp", "imap", "sms", *SERVICES, *(f"pg-{service}" for service in SERVICES)}
        met = collections.defaultdict(set)
        for seed in range(200):
            for do, how in plan.surrounding_deck(random.Random(seed))["network"]:
                met[do].add(how.get("route"))
        for do in ("cut", "swizzle", "blackhole", "refuse"):
            self.assertEqual(met[do], routes, do)


class Loading(unittest.TestCase):
    """Redis restarts and reads what it kept."""

    def answered(self, *pings):
        pings = iter(pings)
        answers = {"PING": lambda: next(pings), "INFO": lambda: "aof_rewrite_in_progress:0"}
        instance = mock.Mock()
        instance.redis = lambda *command: answers.get(command[0], str)()
        with tempfile.TemporaryDirectory() as folder:
            journal = faults.Journal(pathlib.Path(folder) / "steps.log")
            faults.SurroundingFaults(instance, journal, mock.Mock()).carry_out(Step("stores", 1, "redis_loading", {"seconds": 2}))
        return journal.done["redis answered LOADING"]

    def test_one_that_says_so_counts_as_lost(self):
        self.assertEqual(self.answered("LOADING", "PONG"), 1)

    def test_one_that_is_back_at_once_does_not(self):
        self.assertEqual(self.answered("PONG", "PONG"), 0)


if __name__ == "__main__":
    unittest.main()
