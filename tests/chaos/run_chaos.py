#!/usr/bin/python3
"""Kills the services at named points under load, and judges what is left.

Brings up an instance of its own (tools/dev), sends hand-offs and referrals with request ids that are repeated until they
are answered, kills the three services with SIGKILL at crash points (common/fault/crash_point.h) and from outside, flushes
Redis, kills Redis and PostgreSQL, makes PostgreSQL slow, lets the gateways drop answers. Then everything may settle, and the databases and the
simulators' ledgers are judged; nothing the services say of themselves counts.

  run_chaos.py --kills 40 [--seed 1]        a campaign; exit 1 if a promise was broken
  run_chaos.py --planted all|BUG            campaigns against planted bugs; exit 1 if one is not caught
  run_chaos.py --list-points
"""
import argparse
import collections
import random
import re
import subprocess
import sys
import threading
import time

from instance import ROOT, Instance
from judge import judge
from load import Load

OWN_POINTS = {"intake": ("intake.", "rpc."), "referral": ("referral.", "rpc."), "notification": ("notification.", "rpc.")}
PLANTED_CAMPAIGNS = {"relay_trusts_redis": 30, "ack_before_commit": 60, "blind_resend": 40}


def crash_points():
    """Every name in XXT_CRASH_POINT("…") of the source."""
    names = set()
    for folder in ("common", "services"):
        for path in (ROOT / folder).rglob("*.cc"):
            names.update(re.findall(r'XXT_CRASH_POINT\("([a-z_.]+)"\)', path.read_text()))
    return sorted(names)


def points_of(service):
    return [p for p in crash_points() if p.startswith(("pg.", "tasks.")) or p.startswith(OWN_POINTS[service])]


class Campaign:
    """One run of the killers, the saboteur and the load."""

    def __init__(self, kills, seed, planted):
        self.random = random.Random(seed)
        self.wanted = kills
        self.planted = planted
        self.kills = collections.Counter()
        self.sabotage = collections.Counter()
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.instance = Instance(planted)
        self.load = Load(self.instance, self.random.randrange(10**6))

    def count(self, point):
        with self.lock:
            self.kills[point] += 1
            if sum(self.kills.values()) >= self.wanted:
                self.over.set()

    def kill_again_and_again(self, service, seed):
        chance = random.Random(seed)
        points = points_of(service)
        while not self.over.is_set():
            point = chance.choice(points)
            passage = 1 + int(chance.expovariate(0.5))
            process = self.instance.start(service, crash_at=f"{point}:{passage}")
            try:
                process.wait(timeout=chance.uniform(0.6, 2.0))
                died_at = point if process.returncode == -9 else "by itself"
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                died_at = "outside"
            self.count(died_at)

    def sabotage_stores_and_channels(self, seed):
        chance = random.Random(seed)
        last = 0
        while not self.over.wait(0.2):
            done = sum(self.kills.values())
            if done - last < 8:
                continue
            last = done
            what = chance.choice(["flush", "flush", "phone", "mail", "redis", "postgres"])
            self.sabotage[what] += 1
            {"flush": self.instance.flush_redis, "phone": self.instance.drop_sms_replies,
             "mail": self.instance.drop_mail_replies, "redis": self.instance.kill_redis,
             "postgres": self.instance.kill_postgres}[what]()

    def slow_postgres_down(self, seed):
        chance = random.Random(seed)
        while not self.over.wait(chance.uniform(0.2, 0.8)):
            self.sabotage["slow"] += 1
            self.instance.hold_writers(chance.choice(list(OWN_POINTS)), chance.uniform(0.1, 0.4))

    def run(self):
        started = time.monotonic()
        with self.instance:
            workers = [threading.Thread(target=self.kill_again_and_again, args=(s, self.random.random()))
                       for s in OWN_POINTS]
            workers += [threading.Thread(target=does, args=(self.random.random(),))
                        for does in (self.sabotage_stores_and_channels, self.slow_postgres_down)]
            self.load.start()
            if self.planted == "blind_resend":
                self.instance.drop_mail_replies(50)
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            for service in OWN_POINTS:
                self.instance.start(service)
            self.load.stop()
            self.instance.settle()
            verdict = judge(self.instance, self.load)
            self.instance.keep = bool(verdict.violations) and not self.planted
        verdict.seconds = time.monotonic() - started
        return verdict


def report(campaign, verdict, seed):
    print(f"seed {seed}: {sum(campaign.kills.values())} kills at {len(campaign.kills)} points, "
          f"sabotage {dict(campaign.sabotage)}, {verdict.seconds:.0f} s")
    print("  kills: " + ", ".join(f"{p} {n}" for p, n in sorted(campaign.kills.items())))
    print(f"  acknowledged: {verdict.hand_offs} hand-offs, {verdict.referrals} referrals; "
          f"told: {verdict.sms} text messages, {verdict.mails} mails; in doubt: {verdict.in_doubt}")
    print(f"  lost {verdict.lost}, told twice {verdict.told_twice}, without next action {verdict.stuck}, "
          f"personal data where none may be {verdict.leaks}")
    for line in verdict.violations[:20]:
        print("  VIOLATION " + line)


def fence_test_fails():
    """The engine's own test must fail when the fence is not looked at."""
    stores = ROOT / "build/dev/test-stores"
    subprocess.run([ROOT / "tests/fixture/postgres.sh", "start", stores], check=True, stdout=subprocess.DEVNULL)
    test = [ROOT / "build/dev/common/tasks/common_tasks_test", "--gtest_filter=*AWorkerThatWasTakenOver*"]
    env = {"XXT_TEST_STORES": str(stores / "env.json"), "PATH": "/usr/bin:/bin"}
    healthy = subprocess.run(test, env=env, capture_output=True, check=False).returncode
    planted = subprocess.run(test, env=env | {"XXT_PLANTED_BUG": "no_fence"}, capture_output=True, check=False).returncode
    return healthy == 0 and planted != 0


def caught(bug, seed):
    if bug == "no_fence":
        return fence_test_fails()
    campaign = Campaign(PLANTED_CAMPAIGNS[bug], seed, bug)
    verdict = campaign.run()
    report(campaign, verdict, seed)
    return bool(verdict.violations)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--planted", choices=["all", "no_fence", *PLANTED_CAMPAIGNS])
    parser.add_argument("--list-points", action="store_true")
    args = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    if args.list_points:
        print("\n".join(crash_points()))
        return 0
    if args.planted:
        bugs = ["no_fence", *PLANTED_CAMPAIGNS] if args.planted == "all" else [args.planted]
        survivors = []
        for bug in bugs:
            found = caught(bug, args.seed)
            print(f"planted {bug}: {'caught' if found else 'NOT CAUGHT'}")
            survivors += [] if found else [bug]
        return 1 if survivors else 0
    campaign = Campaign(args.kills, args.seed, None)
    verdict = campaign.run()
    report(campaign, verdict, args.seed)
    return 1 if verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main())
