#!/usr/bin/python3
"""Breaks the services and everything around them under load, and judges what is left.

Brings up an instance of its own (tools/dev) with two replicas of each service behind proxies, sends requests that are
repeated until they are answered, and carries out the plan of a seed: SIGKILL at crash points and from outside, double
kills, pauses longer than the lease, SIGTERM, clocks that step, cut connections, cut commits, Redis and PostgreSQL
killed, full, read-only, loading, locked, gateways that drop their answers. Then everything must recover unaided, some
days of business time pass, and the databases and the simulators' ledgers are judged.

  run_chaos.py --kills 40 [--seed 1]        a campaign; exit 1 if a promise was broken; of 10,000 kills and more also
                                            if it did not do as much as it should, or recovered too slowly
  run_chaos.py --planted all|BUG            plants bugs (planted.py); exit 1 if one is not caught for its reason
  run_chaos.py --list-points|--plan         the crash points; the first steps of a seed's plan
"""
import argparse
import concurrent.futures
import itertools
import sys
import threading
import time

import plan
import planted
from campaign import Campaign, Options
from evidence import examples_of

KILLS_PER_ROUND = 500  # a campaign of more is several, each on a fresh instance:
ROUNDS_AT_A_TIME = 3  # while some recover and live through days of silence, the next storms
SHORT = 100  # more kills than that come quicker:
# (More senders than that, and what was interrupted waits for its turn behind what is interrupted again and again.)
QUICK = {"patience_s": 2, "crashes_per_deck": 40, "senders": 6}
REDIS_LOSSES = ("redis_flush", "redis_restart", "redis answered LOADING")
POSTGRES_KILLS = ("pg_kill", "failover")
# What a campaign of that many kills must reach, and what no campaign may exceed over all its rounds.
LONG = 10000
AT_LEAST = {"SIGKILLs": LONG, "points": 45, "losses of Redis": 300, "kills of PostgreSQL": 200, "commits cut": 2000}
AT_MOST = {"recovery p99": 35, "recovery p100": 60}


class Totals:
    """What several rounds did and found."""

    def __init__(self):
        self.kills, self.done, self.counts = {}, {}, {}
        self.recoveries, self.began = [], time.monotonic()

    def add(self, campaign, verdict):
        for mine, theirs in ((self.kills, campaign.journal.kills), (self.done, campaign.journal.done),
                             (self.counts, verdict.counts)):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        self.recoveries += verdict.recoveries + campaign.recoveries

    def points(self):
        return {point: n for point, n in self.kills.items() if point != "outside"}

    def figures(self):
        """What the long campaign is measured by: name -> value."""
        found = sorted(self.recoveries)
        return {
            "SIGKILLs": sum(self.kills.values()), "points": len(self.points()),
            "losses of Redis": sum(self.done.get(what, 0) for what in REDIS_LOSSES),
            "kills of PostgreSQL": sum(self.done.get(what, 0) for what in POSTGRES_KILLS),
            "commits cut": self.done.get("commits cut", 0),
            "recovery p99": found[max(0, int(len(found) * 0.99) - 1)] if found else 0.0,
            "recovery p100": found[-1] if found else 0.0,
        }

    def missed(self, kills):
        """What a campaign of that many kills should have reached and did not."""
        figures = self.figures()
        at_least = AT_LEAST if kills >= LONG else {}
        return ([f"{figures[what]} {what}, less than {least}" for what, least in at_least.items() if figures[what] < least]
                + [f"{what} {figures[what]:.1f} s, more than {most} s" for what, most in AT_MOST.items() if figures[what] > most])

    def show(self):
        count = self.counts.get
        figures = self.figures()
        print(f"{figures['SIGKILLs']} SIGKILLs, {sum(self.points().values())} of them at {figures['points']} points; "
              f"{figures['losses of Redis']} losses of Redis, {figures['kills of PostgreSQL']} kills of PostgreSQL, "
              f"{figures['commits cut']} commits cut; {time.monotonic() - self.began:.0f} s")
        print("  points: " + ", ".join(f"{point} {n}" for point, n in sorted(self.points().items())))
        print("  other: " + ", ".join(f"{what} {n}" for what, n in sorted(self.done.items()) if what != "crash"))
        print(f"  lost {count('lost', 0)}, told twice {count('told twice', 0)}, untrue {count('untrue', 0)}, "
              f"surplus {count('surplus', 0)}, illegal steps {count('illegal step', 0)}, "
              f"without next action {count('no next action', 0)}")
        print(f"  told: {count('sms', 0)} text messages, {count('mails', 0)} mails of which {count('reminders', 0)} "
              f"reminders; text messages in doubt: {count('sms in doubt', 0)}")
        for what in (name for name in self.counts if f"{name} allowed" in self.counts):
            print(f"  {what}: {self.counts[what]}, where the faults explain {self.counts[f'{what} allowed']}")
        if self.recoveries:
            print(f"  recovery of {len(self.recoveries)} interruptions: p50 "
                  f"{sorted(self.recoveries)[len(self.recoveries) // 2]:.1f} s, p99 {figures['recovery p99']:.1f} s, "
                  f"p100 {figures['recovery p100']:.1f} s")


def options_of(args, number, left):
    """Of one round, when that many kills are left."""
    return Options(
        kills=min(left, KILLS_PER_ROUND), seed=args.seed + number, keep=args.keep, days=args.days, lease_s=args.lease,
        redeliver_s=max(1, args.lease // 3), failover=not args.no_failover, only=tuple(filter(None, args.only.split(","))),
        forgetful=number % 2 == 1 or args.forgetful, **(QUICK if args.quick or args.kills > SHORT else {}))


def replay_of(options):
    """The command that plays a round alone."""
    words = ["run_chaos.py", "--kills", options.kills, "--seed", options.seed, "--lease", options.lease_s, "--days", options.days]
    words += ["--only", ",".join(options.only)] if options.only else []
    words += [] if options.failover else ["--no-failover"]
    words += ["--forgetful"] if options.forgetful else []
    words += ["--quick"] if all(getattr(options, name) == value for name, value in QUICK.items()) else []
    return " ".join(map(str, words))


def show_failure(campaign, verdict):
    print(f"FAILED: seed {campaign.options.seed}; everything is kept in {campaign.instance.dir}")
    print(f"  again: {replay_of(campaign.options)}")
    for line in campaign.journal.lines:
        print("  " + line)
    for line in examples_of(verdict.violations):
        print("  VIOLATION " + line)


def run(args):
    totals, failed, storms = Totals(), False, threading.Lock()

    def play(number, left):
        campaign = Campaign(options_of(args, number, left), storms)
        return campaign, campaign.run()

    with concurrent.futures.ThreadPoolExecutor(ROUNDS_AT_A_TIME) as rounds:
        played = rounds.map(play, *zip(*enumerate(range(args.kills, 0, -KILLS_PER_ROUND))))
        for campaign, verdict in played:
            failed = report(totals, campaign, verdict) or failed
    totals.show()
    missed = totals.missed(args.kills)
    for line in missed:
        print("MISSED " + line)
    return 1 if failed or missed else 0


def report(totals, campaign, verdict):
    """Adds a round to the totals and says how it went. Whether it failed."""
    totals.add(campaign, verdict)
    kills, outside = sum(campaign.journal.kills.values()), campaign.journal.kills.get("outside", 0)
    print(f"seed {campaign.options.seed}: {kills} kills, {kills - outside} at points, in {verdict.seconds:.0f} s, "
          f"{len(campaign.load.hand_offs)} cases, {len(campaign.load.referrals)} referrals, "
          f"{len(campaign.load.inbound)} mails in, recovery p99 {verdict.p99:.1f} s, p100 {verdict.p100:.1f} s: "
          + ("broken" if verdict.violations else "kept"))
    if verdict.violations:
        show_failure(campaign, verdict)
    return bool(verdict.violations)


def parse(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--lease", type=int, default=4, help="seconds; 4 makes a campaign quick")
    parser.add_argument("--days", type=int, default=3, help="jumps of business time after the storm")
    parser.add_argument("--no-failover", action="store_true", help="PostgreSQL has no standby")
    parser.add_argument("--forgetful", action="store_true", help="a gateway that knows no keys")
    parser.add_argument("--quick", action="store_true", help="more requests, and deaths that come sooner, as with many kills")
    parser.add_argument("--only", default="", help="of what happens around the services, just this: kinds of steps")
    parser.add_argument("--keep", action="store_true", help="keep the instance")
    parser.add_argument("--planted", choices=["all", *planted.BUGS])
    parser.add_argument("--list-points", action="store_true")
    parser.add_argument("--plan", action="store_true")
    return parser.parse_args(words)


def main():
    args = parse()
    sys.stdout.reconfigure(line_buffering=True)
    if args.list_points:
        print("\n".join(plan.crash_points()))
        return 0
    if args.plan:
        options = Options(seed=args.seed)
        around = [step for lane in ("stores", "network") for step in next(plan.surrounding_steps(options, lane))]
        for step in itertools.chain(itertools.islice(plan.replica_steps(options, "intake", 0), 40), around):
            print(step)
        return 0
    if args.planted:
        return planted.run(list(planted.BUGS) if args.planted == "all" else [args.planted], args.seed)
    return run(args)


if __name__ == "__main__":
    sys.exit(main())
