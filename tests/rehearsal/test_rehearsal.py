#!/usr/bin/python3
"""Each rehearsal can fail: what judges it sees a failed call, a lost row, a rate that was exceeded."""
import json
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

import grpc

import outcome
import stage
import redis_nodes
import restore
import roll
import rotations
import sentinel
import start_orders
import traffic
from evidence import Verdict

OK, AWAY = grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE


def tally(ok=1000, failed=(), slowest=1.0):
    made = traffic.Tally()
    made.begin()
    for _ in range(ok):
        made.note("CaseService/GetCase", OK)
    for code in failed:
        made.note("CaseService/GetCase", code)
    made.took(slowest)
    return made


def violations(of):
    found = outcome.Outcome("test")
    stage.judge_traffic(found, of)
    return found.violations


class Error(grpc.RpcError):
    def __init__(self, code):
        super().__init__()
        self.code = lambda: code


class JudgeOfTraffic(unittest.TestCase):
    def test_is_content_where_all_was_answered(self):
        self.assertEqual(violations(tally()), [])

    def test_sees_an_rpc_that_failed(self):
        self.assertEqual(violations(tally(failed=[AWAY])), ["RPCs that failed: 1, more than 0"])

    def test_callers_have_grpc_repeat_what_a_stopping_server_drops_and_nothing_else(self):
        policy = json.loads(stage.told_to_callers())["methodConfig"][0]["retryPolicy"]
        self.assertEqual(policy["retryableStatusCodes"], ["CANCELLED"])

    def test_takes_no_answer_of_the_service_for_a_failure(self):
        answers = [grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.ABORTED]
        self.assertEqual(violations(tally(failed=answers)), [])
        for code in (AWAY, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.RESOURCE_EXHAUSTED,
                     grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN):
            self.assertEqual(len(violations(tally(failed=[code]))), 1, code)

    def test_sees_a_call_that_had_to_be_repeated_for_long_and_that_nobody_called(self):
        self.assertEqual(len(violations(tally(slowest=stage.SLOWEST_CALL_S + 1))), 1)
        self.assertEqual(violations(tally(ok=0)), ["nobody called"])

    def test_counts_the_tries_of_a_client_while_it_is_asked_to(self):
        answers = [AWAY, OK, AWAY]

        def once(*_):
            code = answers.pop(0)
            if code is not OK:
                raise Error(code)

        counted, made = traffic.Tally(), types.SimpleNamespace(once=once, until_answered=lambda: None)
        client = traffic.counted(made, counted)
        counted.begin()
        with self.assertRaises(grpc.RpcError):
            client.once("intake", "staff/wang", "CaseService/GetCase", {})
        client.once("intake", "staff/wang", "CaseService/GetCase", {})
        counted.end()
        with self.assertRaises(grpc.RpcError):
            client.once("intake", "staff/wang", "CaseService/GetCase", {})
        self.assertEqual(dict(counted.tries), {"UNAVAILABLE": 1, "OK": 1})
        self.assertEqual([code for _, _, code in counted.failed], ["UNAVAILABLE"])


class JudgeOfCampaigns(unittest.TestCase):
    def test_what_was_lost_breaks_the_rehearsal(self):
        verdict = Verdict()
        verdict.add("lost", "case cases/1 was acknowledged and does not exist")
        rehearsal = stage.Rehearsal(outcome.Outcome("test"), stage.Options())
        rehearsal.run = lambda: verdict
        rehearsal.load = types.SimpleNamespace(hand_offs={})
        rehearsal.instance = types.SimpleNamespace(keep=False)
        rehearsal.tally = tally()
        self.assertEqual(rehearsal.rehearse().violations, ["lost: case cases/1 was acknowledged and does not exist"])
        self.assertEqual(rehearsal.outcome.figures["lost or told twice"], 1)

    def test_a_planted_fault_must_be_seen(self):
        seen, unseen = outcome.Outcome("drain"), outcome.Outcome("drain")
        seen.broken("RPCs that failed: 9, more than 0")
        self.assertEqual(outcome.turned(seen, "RPCs that failed").violations, [])
        self.assertEqual(len(outcome.turned(unseen, "RPCs that failed").violations), 1)


class Outcomes(unittest.TestCase):
    def run_one(self, violation):
        """What a rehearsal that finds just that exits with, and the JSON that it leaves."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "figures.jsonl"
            program = (f"import sys; sys.path.insert(0, {str(pathlib.Path(__file__).parent)!r}); import outcome\n"
                       "def rehearse(args):\n    found = outcome.Outcome('x'); found.figure('stops', args.stops)\n"
                       f"    if {violation!r}: found.broken({violation!r})\n    return found\n"
                       "outcome.main(outcome.arguments('', stops=(200, 18)), rehearse)")
            done = subprocess.run([sys.executable, "-c", program, "--quick", "--json", file], capture_output=True, check=False)
            return done.returncode, json.loads(file.read_text())

    def test_exit_with_1_if_a_promise_was_broken(self):
        self.assertEqual(self.run_one(""), (0, {"rehearsal": "x", "kept": True, "figures": {"stops": 18}, "violations": []}))
        self.assertEqual(self.run_one("lost"), (1, {"rehearsal": "x", "kept": False, "figures": {"stops": 18},
                                                    "violations": ["lost"]}))


class Roll(unittest.TestCase):
    def test_takes_back_what_only_the_new_release_has(self):
        self.assertEqual(roll.newer(["1.sql"], ["1.sql", "2.sql", "3.sql"]), ["2.sql", "3.sql"])
        self.assertEqual(roll.newer(["1.sql"], ["1.sql"]), [])

    def test_refuses_a_migration_that_was_put_before_others(self):
        with self.assertRaises(RuntimeError):
            roll.newer(["1.sql", "3.sql"], ["1.sql", "2.sql", "3.sql"])


class Restore(unittest.TestCase):
    def test_sees_rows_that_are_missing(self):
        before = {("intake", "intake.cases"): 9, ("referral", "referral.referrals"): 4}
        self.assertEqual(restore.missing(before, dict(before)), [])
        self.assertEqual(restore.missing(before, {("intake", "intake.cases"): 8}),
                         ["intake intake.cases: 8 rows of 9", "referral referral.referrals: 0 rows of 4"])


class Sentinel(unittest.TestCase):
    def test_counts_the_most_that_lie_together(self):
        self.assertEqual(sentinel.most_within(5, []), 0)
        self.assertEqual(sentinel.most_within(5, [0, 12, 1, 4.9, 5, 5.9]), 4)
        self.assertEqual(sentinel.most_within(5, [0, 5, 10]), 1)

    def test_knows_every_name_and_path_of_the_component(self):
        """Which is what runs; if it comes to name others, they are not those of loopback."""
        nodes = redis_nodes.RedisNodes.__new__(redis_nodes.RedisNodes)
        nodes.folder, nodes.net = pathlib.Path("/somewhere"), "127.20.1"
        for name in ("start.sh", "redis.conf", "sentinel.conf"):
            text = nodes.on_loopback((redis_nodes.COMPONENT / name).read_text(), 1)
            self.assertNotRegex(text, r"(?<!where/1)(/data|/run/secrets|/etc/redis)")
        proxy = nodes.proxy_config()
        self.assertIn("server redis-2 \"127.20.1.3:6379\"", proxy)
        self.assertIn("bind 127.20.1.9:6379", proxy)
        self.assertNotIn("resolvers", proxy)


class StartOrders(unittest.TestCase):
    def test_are_all_and_some_of_them_quickly(self):
        every, some = start_orders.orders(False), start_orders.orders(True)
        self.assertEqual((len(set(every)), len(set(some))), (120, 24))
        for place in range(5):
            self.assertEqual(len({order[place] for order in some}), 5)


class Rotations(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.dir = pathlib.Path(self.folder.name)
        (self.dir / "secrets").mkdir()

    def test_a_data_key_is_known_before_it_is_the_first(self):
        file = self.dir / "secrets/seal.keys"
        file.write_text("1 a\nsearch b\n")
        keys = rotations.DataKeys(types.SimpleNamespace(dir=self.dir))
        keys.trust_new()
        self.assertEqual([line.split()[0] for line in file.read_text().splitlines()], ["1", "search", "2"])
        keys.use_new()
        self.assertEqual([line.split()[0] for line in file.read_text().splitlines()], ["2", "1", "search"])
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)

    def test_a_gateway_takes_the_new_token_before_we_show_it_and_the_old_until_then(self):
        ours, theirs = self.dir / "secrets/sms-token", self.dir / "secrets/sms-tokens-taken"
        ours.write_text("first")
        secret = rotations.GatewaySecret(types.SimpleNamespace(dir=self.dir))
        self.assertEqual(theirs.read_text(), "first")
        secret.trust_new()
        self.assertEqual((ours.read_text(), theirs.read_text().split()), ("first", ["first", secret.next]))
        secret.use_new()
        self.assertIn(ours.read_text(), theirs.read_text().split())
        secret.end_old()
        self.assertEqual(theirs.read_text().split(), [ours.read_text()])


if __name__ == "__main__":
    unittest.main()
