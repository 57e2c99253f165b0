#!/usr/bin/python3
"""Loses the primary of PostgreSQL under load and promotes its synchronous standby (tests/failover): nothing acknowledged may
be lost, nothing told twice."""
import sys

import outcome
from stage import ROOT

sys.path.append(str(ROOT / "tests/failover"))
import run_failover  # pylint: disable=wrong-import-position


def rehearse(args):
    found = outcome.Outcome("failover")
    for number in range(args.losses):
        for words, value in run_failover.rehearse(args.load, args.notice, found.violations).items():
            found.figure(f"{words}, loss {number + 1}" if args.losses > 1 else words, value)
    return found


if __name__ == "__main__":
    outcome.main(outcome.arguments(__doc__, losses=(3, 1), load=(15.0, 5.0), notice=(2.0, 2.0)), rehearse)
