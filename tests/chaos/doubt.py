"""How much doubt, and how much work given up, a campaign explains.

A mail is in doubt when an attempt at it had no end, for its sender died with the mail on the wire, or was paused, or could
not note what came of it until its lease was over; or when the server's answer was lost. Each has a price of its own, so that
what a service leaves undone explains nothing by itself: the deaths are those of the processes that held the attempts, outages
count if they lasted too long for a settlement to wait. Text messages have no bound: the simulated gateway knows keys, or can
be asked, so that one is in doubt only if its own task died of crashes (judge.py). A task died of crashes if each of those
that were counted was one: outages are none.
"""
import collections

import history

SENDERS = 4  # mails that one replica has on the wire at a time: two workers', and those of who takes suspects, in fews and alone
REPLICAS = 2
SLACK_S = 1.5  # until a death is seen
# A process tries to store what came of its attempts until their lease is over; under load the last try takes a while.
LAST_TRY_S = 3
# A claim may be held on its way to the store, and be made when its process is dead.
CLAIM_HELD_S = 5
# When its store is back, or it was paused and goes on, so long may a process need to note what did not end in a crash.
NOTES_WITHIN_S = 5
# What takes the store away, and on which route.
OUTAGES = ("pg_kill", "failover", "pg_read_only", "pg_lock", "blackhole", "refuse", "swizzle")
# What takes it away for as long as a connection or a commit.
CUTS = ("cut", "cut_commit")


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
            found[attempt[0]].append((history.seconds(start["time"]), history.process_of(start["holder"]), "late" in end))
    return found


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
    return interrupts(service, step, OUTAGES) and lasted > lease_s / 4


def interrupts(service, step, kinds=OUTAGES + CUTS):
    """Whether a step kept a service from its store at all."""
    if step.do not in kinds or step.how.get("service", service) != service:
        return False
    return step.how.get("route", f"pg-{service}") == f"pg-{service}"


def killers_of(attempts, deaths, lease_s):
    """The processes whose death explains one of these attempts: it came before the lease was over."""
    return {process for began, process, late in attempts
            if not late and any(pid == process and began <= when <= began + lease_s + SLACK_S for pid, when in deaths)}


def most_explained(killers_of_mails):
    """How many mails can each be laid to one of its killers, if no process killed more than it had on the wire. (A mail may have
    been on the wire of any process that died with it in hand.)"""
    killed = collections.defaultdict(list)  # process -> indexes of mails

    def lay(mail, tried):
        for process in killers_of_mails[mail] - tried:
            tried.add(process)
            if len(killed[process]) < SENDERS:
                killed[process].append(mail)
                return True
            for place, other in enumerate(killed[process]):
                if lay(other, tried):
                    killed[process][place] = mail
                    return True
        return False

    return sum(lay(mail, set()) for mail in range(len(killers_of_mails)))


class Crashes:
    """Which tasks of a service were given up because workers died of them, and of which of them they did die.

    Each attempt that was counted must be a crash: its process died in it. Also one that did not counts, by no fault, if
    nobody had noted in time that it was none: its process was paused past the lease, or could not reach the store and ended
    before it could say so, or said so while the task was claimed for the last time.
    """

    def __init__(self, evidence, service):
        self.lease_s, journal = evidence.instance.options.lease_s, evidence.journal
        self.deaths = [(pid, when) for where, pid, when in journal.deaths if where == service]
        self.exits = [(pid, when) for where, pid, when in journal.exits if where == service]
        self.pauses = [(pid, began, to) for where, pid, began, to in journal.pauses if where == service]
        self.outages = [(began, to) for step, began, to in journal.spans if interrupts(service, step)]
        self.given_up, self.explained = set(), set()
        by_task = collections.defaultdict(list)
        for move in evidence.moves[service]:
            by_task[move["task_id"]].append(move)
        for task, moves in by_task.items():
            deaths = [move["fence"] for move in moves if history.is_death_of_crashes(move)]  # it may have been requeued
            self.given_up |= {task} if deaths else set()
            self.explained |= {task} if deaths and all(self.crashed(moves, fence) for fence in deaths) else set()

    def crashed(self, moves, fence):
        claimed = next((history.seconds(move["time"]) for move in moves
                        if move["fence"] == fence and move["move"] == "started"), 0)
        counted = history.open_attempts(moves, fence, claimed)
        return sum(self.counts(attempt, claimed) for attempt in counted) >= history.CRASHES_OF_THE_DEAD

    def counts(self, attempt, claimed):
        """Whether the faults explain that an attempt was counted at that time."""
        began, process = attempt.began, attempt.process
        lease_over = began + self.lease_s + LAST_TRY_S
        if any(pid == process and began - CLAIM_HELD_S <= when <= lease_over + SLACK_S for pid, when in self.deaths):
            return True
        if attempt.noted or any(pid == process and paused <= claimed and to >= began for pid, paused, to in self.pauses):
            return True
        return self.ended_untold(process, began, self.deaths, NOTES_WITHIN_S) or self.ended_untold(
            process, began, self.exits, SLACK_S)

    def ended_untold(self, process, began, ends, within_s):
        """Whether that process ended while its store was away, or so soon after that."""
        return any(pid == process and when >= began and any(away <= when <= to + within_s and to >= began
                                                            for away, to in self.outages) for pid, when in ends)


def prices(evidence):
    """Everything that has a price."""
    lease_s, journal = evidence.instance.options.lease_s, evidence.journal
    deaths = [(pid, when) for service, pid, when in journal.deaths if service == "referral"]
    attempts = open_attempts(evidence.moves["referral"])
    killed, unended, ended = [], 0, 0
    for mail in evidence.mails:
        if mail["state"] != "IN_DOUBT":
            continue
        killers = killers_of(attempts[mail["id"]], deaths, lease_s)
        killed += [killers] if killers else []
        unended += not killers and bool(attempts[mail["id"]])
        ended += not attempts[mail["id"]]
    outages = sum(outlasts_settling("referral", step, to - began, lease_s) for step, began, to in journal.spans)
    crashes = [Crashes(evidence, service) for service in evidence.moves]
    return [
        Price("mails in doubt for their sender died", len(killed), most_explained(killed)),
        Price("mails in doubt for nobody noted what came of them", unended,
              SENDERS * (REPLICAS * outages + journal.stopped["referral"])),
        Price("mails in doubt for their answer was lost", ended, sum(answers_lost(step) for step, _, _ in journal.spans)),
        Price("tasks given to a person for workers died of them", sum(len(of.given_up) for of in crashes),
              sum(len(of.explained) for of in crashes)),
    ]
