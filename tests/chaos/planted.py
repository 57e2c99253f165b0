"""Bugs that are planted to see whether they are caught, each by what must catch it and with the words that it must say.

A bug is one line of the source (XXT_PLANTED_BUG) or of a statement (common/fault/planted_sql.cc), in builds for tests
only. A campaign catches it if one of its violations matches `says`, and a test if it fails with a text that does; being
caught for another reason is not being caught. Both must be content without the bug: each test is run without it as well, and
each campaign that bugs share is played once without any, and must find nothing.
"""
import concurrent.futures
import dataclasses
import os
import re
import subprocess
import threading

from campaign import Campaign, Options
from evidence import examples_of
from instance import BIN, ROOT

AT_A_TIME = 2
TESTS = {"tasks": "common/tasks/common_tasks_test", "events": "common/events/common_events_test",
         "intake": "tests/contract/intake_contract_test",
         "canaries": "tests/contract/intake_canary_test", "chase": "tests/contract/referral_chase_test"}


@dataclasses.dataclass
class Bug:
    what: str
    says: str  # a pattern
    test: str = ""  # "tasks:ANameOfATest", or else a campaign with `options`
    options: dict = dataclasses.field(default_factory=dict)


def dying_at(*points, kills=5, **options):
    return {"kills": kills, "days": 0, "points": points, "only": ("redis_flush",), **options}


QUIET = {"calm_lanes": True, "days": 0}
# While a mail is on the wire, its service's store is away for a moment.
STORE_AWAY = (("slow", {"route": "smtp", "delay_ms": 15}),
              *(("peace", {"seconds": 1}), ("refuse", {"route": "pg-referral", "seconds": 0.4})) * 20)
COMMITS_LOST = tuple(("cut_commit", {"route": route, "count": 8, "when": "before", "seed": number})
                     for number, route in enumerate(("pg-intake", "pg-referral", "pg-intake", "pg-referral")))
# For seven leases no claim of intake is answered: all its work is claimed, and nobody knows.
CLAIMS_LOST = (("cut_commit", {"route": "pg-intake", "count": 0, "when": "after", "seed": 1, "marks": ["task.claim"],
                               "seconds": 30}),)
FETCHES_CUT = tuple(("cut", {"route": "imap", "direction": "down", "bytes": 150 * number, "count": 2}) for number in range(1, 9))

BUGS = {
    # The engine.
    "relay_trusts_redis": Bug("what Redis lost is not handed out again", r"^conduct: not recovered .*pending",
                              options=QUIET | {"only": ("redis_flush", "redis_restart", "blackhole")}),
    "ack_before_commit": Bug("a task is settled before it is done", r"^lost: cases/\S+#received: 0 of 1 messages",
                             options=dying_at("tasks.before_handle", "tasks.after_handle")),
    "no_fence": Bug("a worker that was taken over stores its effect", r"AWorkerThatWasTakenOver",
                    test="tasks:AttemptsTest.AWorkerThatWasTakenOverStoresNothing"),
    "claim_steals": Bug("a task is claimed from a live worker", r"ALiveWorkersTaskIsNobodyElses",
                        test="tasks:ClaimTest.ALiveWorkersTaskIsNobodyElses"),
    "settle_not_retried": Bug("what came of a task is forgotten when the store does not take it at once",
                              r"^doubt: \d+ mails in doubt for nobody noted what came of them, where the faults explain 0",
                              options=QUIET | {"script": STORE_AWAY, "lease_s": 8}),
    "outage_is_crash": Bug("a lost answer of the store counts as a crash of the process that lives",
                           r"^doubt: \d+ tasks given to a person for workers died of them, where the faults explain 0",
                           options=QUIET | {"script": CLAIMS_LOST}),
    "unclaim_without_fence": Bug("giving back takes the task from its new holder", r"GivingBack",
                                 test="tasks:ClaimTest.GivingBackTakesNothingFromTheNextHolder"),
    # Until there were no marks of hand-outs any more: one that was not cleared when a task was put back.
    "put_back_is_forgotten": Bug("a task to be tried again is not handed out when its time comes",
                                 r"WhatIsToBeTriedAgainIsFoundAtItsTime",
                                 test="tasks:ClaimTest.WhatIsToBeTriedAgainIsFoundAtItsTime"),
    "abandoned_is_forgotten": Bug("what a dead worker left is not taken over", r"^conduct: not recovered .*running",
                                  options=dying_at("tasks.after_claim", "tasks.before_handle", kills=4)),
    "end_not_noted": Bug("the end of an attempt is not noted", r"^illegal step: .*settled as done by no attempt",
                         options=QUIET | {"only": ("redis_flush",)}),
    "acts_after_lease": Bug("a paused worker acts when its lease is over", r"^(acted late|told twice: mail)",
                            options=dying_at("tasks.before_handle", "notification.begun", "referral.mail_loaded",
                                             dos=("pause",))),
    "dies_in_silence": Bug("a dead task becomes nobody's work", r"ADeadTaskBecomesWork",
                           test="tasks:EngineTest.ADeadTaskBecomesWorkForAPerson"),
    "exits_without_redis": Bug("a service ends when Redis is away", r"^conduct: \S+ ended by itself: exit 1",
                               options=QUIET | {"only": ("redis_restart", "blackhole")}),
    # The edge and the store.
    "answer_not_stored": Bug("a repeated request is done again", r"^surplus: case",
                             options=dying_at("rpc.before_answer", "rpc.before_finish", "pg.after_commit", "pg.after_sent")),
    "lost_commit_is_ok": Bug("a commit that was lost is acknowledged", r"^lost: (case|referral) \S+ was acknowledged",
                             options=QUIET | {"script": COMMITS_LOST}),
    "no_partitions_ahead": Bug("no partitions are made ahead", r"^no room", options=QUIET | {"only": ("redis_flush",)}),
    "reads_past_xmin": Bug("a watch reads past transactions under way", r"ALateCommitterIsNeverSkipped",
                           test="events:EventsTest.ALateCommitterIsNeverSkipped"),
    # What the protos say of a field.
    "personal_left_open": Bug("personal words stand open in a row", r"OfEveryRequestStandNowhereInClearAndAreGoneWithTheKeys",
                              test="canaries:Canaries.OfEveryRequestStandNowhereInClearAndAreGoneWithTheKeys"),
    "output_only_kept": Bug("a caller sets what is ours", r"TakesNothingThatIsOursFromACaller",
                            test="intake:CreateCase.TakesNothingThatIsOursFromACaller"),
    # Cases.
    "case_without_work": Bug("a new case is nobody's work", r"^no next action: cases/\S+ is open, and nobody's work",
                             options=QUIET | {"only": ("redis_flush",)}),
    "name_in_task": Bug("a person's name stands in a task", r"^personal data: in intake",
                        options=QUIET | {"only": ("redis_flush",)}),
    # Messages.
    "sms_not_in_flight": Bug("nothing says that the gateway may have a message", r"^told twice: messages/",
                             options=dying_at("notification.after_send", forgetful=True)),
    "key_per_attempt": Bug("every attempt has a key of its own", r"^told twice: the gateway has key",
                           options=dying_at("notification.after_send")),
    "receipt_cursor_first": Bug("the place in the receipts moves before they are taken",
                                r"^lost: messages/\S+ is SENDING, and the gateway's receipt says delivered",
                                options=dying_at("notification.before_receipt", "notification.receipt_inserted")),
    "request_id_per_attempt": Bug("every attempt at a report has a request id of its own",
                                  r"^told twice: cases/\S+ \d+ reports of messages", options=dying_at("notification.after_report")),
    "accepted_is_delivered": Bug("what the gateway accepted counts as delivered", r"^untrue: messages/\S+ is DELIVERED",
                                 options=QUIET | {"only": ("redis_flush",)}),
    "reports_nothing": Bug("a case is not told what became of its messages", r"^lost: messages/\S+ is \S+, and no report says so",
                           options=QUIET | {"only": ("redis_flush",)}),
    # Referrals and mail.
    "blind_resend": Bug("what may have gone out is sent again", r"^told twice: mail \S+ was accepted",
                        options=QUIET | {"only": ("smtp",)}),
    "never_sends": Bug("no mail is sent, and all are in doubt", r"^doubt: \d+ mails in doubt",
                       options={"days": 0}),
    "never_reminds": Bug("a silent body is not reminded", r"^lost: referrals/\S+ 0 of \d+ reminders",
                         options=QUIET | {"only": ("redis_flush",), "days": 3}),
    "timer_not_set_again": Bug("once a person was asked, nothing looks again", r"nothing looked again",
                               test="chase:Chasing.RemindsTwiceThenAsksAPersonAndNeverEndsByItself"),
    "reminds_who_answered": Bug("a reminder is sent though the body answered", r"^untrue: referrals/\S+ was reminded",
                                options=QUIET | {"only": ("redis_flush",), "days": 4}),
    "transient_is_unreadable": Bug("a mail that cannot be fetched now is unreadable",
                                   r"^untrue: a mail is filed that nobody wrote",
                                   options=QUIET | {"script": FETCHES_CUT}),
    "mail_error_passed_over": Bug("a mail that cannot be fetched now is passed over", r"^lost: the mail",
                                  options=QUIET | {"script": FETCHES_CUT}),
}


def run_test(bug, planted_name):
    """(passed, what it printed)."""
    binary, _, name = bug.test.partition(":")
    environment = dict(os.environ, XXT_TEST_STORES=str(BIN / "test-stores/env.json"), XXT_PLANTED_BUG=planted_name)
    done = subprocess.run([BIN / TESTS[binary], f"--gtest_filter={name}"], env=environment, capture_output=True,
                          text=True, check=False, timeout=300)
    output = done.stdout + done.stderr
    return done.returncode == 0 and "[  PASSED  ] 1 test" in output, output


def caught_by_test(name, bug):
    subprocess.run([ROOT / "tests/fixture/postgres.sh", "start", BIN / "test-stores"], check=True,
                   stdout=subprocess.DEVNULL)
    healthy, output = run_test(bug, "")
    if not healthy:
        return f"{bug.test} fails without the bug: {output[-300:]}"
    passed, output = run_test(bug, name)
    if passed or not re.search(bug.says, output) or "[  FAILED  ]" not in output:
        return f"{bug.test} does not say {bug.says!r}"
    return ""


def caught_by_campaign(name, bug, seed):
    verdict = Campaign(Options(seed=seed, planted=name, **bug.options)).run()
    crashes = [line for line in verdict.violations if "ended by itself" in line and not re.search(bug.says, line)]
    if crashes:  # whatever else is said may be said for that
        return "\n  ".join(["the bug is another one:", *examples_of(crashes)])
    if any(re.search(bug.says, violation) for violation in verdict.violations):
        return ""
    return "\n  ".join([f"no violation says {bug.says!r}, but:", *examples_of(verdict.violations)])


def healthy(options, seed):
    """What a campaign finds without a bug."""
    return Campaign(Options(seed=seed, **options)).run().violations


def run(names, seed):
    """Plants each; first plays, without a bug, each campaign that some of them need."""
    campaigns = {repr(sorted(BUGS[name].options.items())): BUGS[name].options for name in names if not BUGS[name].test}
    missed = []
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        for options, violations in zip(campaigns, pool.map(lambda options: healthy(options, seed), campaigns.values())):
            print(f"without a bug {options}: " + ("\n  ".join(["NOT CONTENT", *examples_of(violations)]) if violations else "content"))
            missed += [options] if violations else []
    return 1 if plant(names, seed) or missed else 0


def plant(names, seed):
    def try_it(name):
        if not BUGS[name].test:
            return caught_by_campaign(name, BUGS[name], seed)
        with stores_of_tests:
            return caught_by_test(name, BUGS[name])

    missed, stores_of_tests = [], threading.Lock()
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        for name, problem in zip(names, pool.map(try_it, names)):
            by = BUGS[name].test or "the campaign"
            print(f"planted {name} ({BUGS[name].what}): " + (f"NOT CAUGHT: {problem}" if problem else f"caught by {by}"))
            missed += [name] if problem else []
    print(f"{len(names) - len(missed)} of {len(names)} planted bugs caught for their reason")
    return 1 if missed else 0
