#!/usr/bin/python3
"""Looks at the spans that the stories left with a collector: whether what one service asked of another stands in one trace,
each step below who asked for it, and whether anything is told that is not a word of the code.

Usage: tests/observability/spans_check.py LEDGER

LEDGER is that of tools/sim/span_collector.py, which may still be told. Ends with 1 and a line for each fault.
"""

import json
import pathlib
import re
import sys
import time

# From a call of a person on, each step made by the one before: (service, kind, name).
CHAINS = {
    "a hand-off becomes a text message": [
        ("intake", "call", "xixinting.intake.v1.CaseService/HandOffFromCounter"),
        ("intake", "task", "case.tell"),
        ("notification", "call", "xixinting.notification.v1.MessageService/CreateMessage"),
        ("notification", "task", "message.send_sms"),
    ],
    "a reply of a body becomes a text message": [
        ("referral", "call", "xixinting.referral.v1.ReferralService/RecordReply"),
        ("referral", "task", "referral.report_case"),
        ("intake", "call", "xixinting.intake.v1.FeedService/ReportReferral"),
        ("intake", "task", "case.tell"),
        ("notification", "call", "xixinting.notification.v1.MessageService/CreateMessage"),
        ("notification", "task", "message.send_sms"),
    ],
    "before a referral is made its case is looked at": [
        ("referral", "call", "xixinting.referral.v1.ReferralService/CreateReferral"),
        ("intake", "call", "xixinting.intake.v1.CaseService/GetCase"),
    ],
}
# Names of methods, kinds of tasks, outcomes, keys, and what OpenTelemetry says of itself.
WORD = re.compile(r"xixinting\.[a-z]+\.v1\.[A-Za-z]+/[A-Za-z]+|[A-Za-z][A-Za-z_.-]*|1\.\d+\.\d+")
WITHIN_SECONDS = 20


def fits(row, step):
    return (row["service"], row["kind"], row["name"]) == step


def has_chain(rows, steps):
    """Whether one of the spans without a parent begins the chain, and each step is the child of the one before."""
    ends = [row for row in rows if fits(row, steps[0]) and not row["parent"]]
    for step in steps[1:]:
        ends = [row for row in rows if fits(row, step) for end in ends
                if (row["trace"], row["parent"]) == (end["trace"], end["span"])]
    return bool(ends)


def faults_of(rows):
    known = {(row["trace"], row["span"]) for row in rows}
    if len(known) != len(rows):
        yield "two spans have the same id"
    for row in rows:
        if row["parent"] and (row["trace"], row["parent"]) not in known:
            yield f"{row['service']} {row['name']}: nobody told of its parent"
        if not row["outcome"]:
            yield f"{row['service']} {row['name']}: has no outcome"
    for title, steps in CHAINS.items():
        if not has_chain(rows, steps):
            yield f"no trace shows how {title}"


def faults_of_words(rows):
    return [f"told, and no word of the code: {word}" for word in sorted({word for row in rows for word in row["words"]})
            if not WORD.fullmatch(word)]


def read(ledger):
    """Returns the rows that are whole."""
    return [json.loads(line) for line in ledger.read_bytes().split(b"\n")[:-1]]


def main():
    ledger = pathlib.Path(sys.argv[1])
    end = time.monotonic() + WITHIN_SECONDS
    # Services tell once a second, each by itself.
    while (faults := list(faults_of(read(ledger)))) and time.monotonic() < end:
        time.sleep(0.2)
    rows = read(ledger)
    faults += faults_of_words(rows)
    print("\n".join(sorted(set(faults))) or f"{len(rows)} spans hang together: " + "; ".join(CHAINS))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
