"""How much doubt, and how much work given up, a campaign explains.

A mail is in doubt when an attempt at it had no end, for its sender died with the mail on the wire, or was paused, or could
not note what came of it until its lease was over; or when the server's answer was lost. Each has a price of its own, so that
what a service leaves undone explains nothing by itself: the deaths are those of the processes that held the attempts, outages
count if they lasted too long for a settlement to wait. Text messages have no bound: the simulated gateway knows keys, or can
be asked, so that one is in doubt only if its own task died of crashes (judge.py).
"""
import collections

import history

SENDERS = 4  # mails that one replica has on the wire at a time: two workers', and those of who takes suspects, in fews and alone
REPLICAS = 2
ALONE = 3  # deaths over one task, which was claimed alone, before it is given up
SLACK_S = 1.5  # until a death is seen
# What takes the store away, and on which route.
OUTAGES = ("pg_kill", "failover", "pg_read_only", "pg_lock", "blackhole", "refuse", "swizzle")


class Price:
    """What was found of something, and how much of it the faults explain."""

    def __init__(self, what, found, bound):
        self.what, self.found, self.bound = what, found, bound


def open_attempts(moves):
    """task -> [(when it began, its process, whether that said it had come too late)] of the attempts without an end."""
    ends, starts = collections.defaultdict(set), {}
    for move in moves:
        ends[move["task_id"], move["fence"]].add(move["move"])
        if move["move"] == "started":
            starts[move["task_id"], move["fence"]] = move
    found = collections.defaultdict(list)
    for attempt, end in ends.items():
        if attempt in starts and not end & {"done", "retry", "dead", "given_back", "lost"}:
            start = starts[attempt]
            found[attempt[0]].append((history.seconds(start["time"]), process_of(start["holder"]), "late" in end))
    return found


def process_of(holder):
    """"referral@host/2328/26a4c8a52852/7", the seventh claim of process 2328."""
    parts = holder.split("/")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


def answers_lost(step):
    """How many answers of the mail server a step can have lost."""
    how = step.how
    if step.do == "smtp" and how["mode"] in ("drop_after_data", "drop_before_store"):
        return how["count"]
    if how.get("route") == "smtp" and step.do != "slow":
        # A cut loses one answer; a stop or a refusal those that were under way, again after each timeout.
        return how.get("count", 0) or REPLICAS * SENDERS * (1 + int(how["seconds"]))
    return 0


def outlasts_settling(service, step, lasted, lease_s):
    """Whether a step kept a service from its store for so long that what was on the wire could not be noted. Storing is tried
    again until the lease is over, of which a mail has half left at least; at longer and longer intervals, hence half of that."""
    if step.do not in OUTAGES or step.how.get("service", service) != service:
        return False
    return step.how.get("route", f"pg-{service}") == f"pg-{service}" and lasted > lease_s / 4


def killer_of(attempts, deaths, lease_s):
    """The process whose death explains one of these attempts: it came before the lease was over. 0: none does."""
    for began, process, late in attempts:
        if not late and any(pid == process and began <= when <= began + lease_s + SLACK_S for pid, when in deaths):
            return process
    return 0


def prices(evidence):
    """Everything that has a price."""
    lease_s, journal = evidence.instance.options.lease_s, evidence.journal
    deaths = [(pid, when) for service, pid, when in journal.deaths if service == "referral"]
    attempts = open_attempts(evidence.moves["referral"])
    killed, unended, ended = collections.Counter(), 0, 0
    for mail in evidence.mails:
        if mail["state"] != "IN_DOUBT":
            continue
        killer = killer_of(attempts[mail["id"]], deaths, lease_s)
        killed[killer] += bool(killer)
        unended += not killer and bool(attempts[mail["id"]])
        ended += not attempts[mail["id"]]
    outages = sum(outlasts_settling("referral", step, to - began, lease_s) for step, began, to in journal.spans)
    given_up = sum(move["move"] == "dead" and "crashed" in move["detail"]
                   for moves in evidence.moves.values() for move in moves)
    return [
        Price("mails in doubt for their sender died", sum(killed.values()),
              sum(min(SENDERS, count) for count in killed.values())),
        Price("mails in doubt for nobody noted what came of them", unended,
              SENDERS * (REPLICAS * outages + journal.stopped["referral"])),
        Price("mails in doubt for their answer was lost", ended, sum(answers_lost(step) for step, _, _ in journal.spans)),
        Price("tasks given to a person for workers died of them", given_up,
              sum(journal.deaths_of(service) // ALONE for service in evidence.moves)),
    ]
