"""How much doubt a campaign explains.

A mail is in doubt when the attempt at it had no end, for its sender died or was paused with the mail on the wire or could
not note what came of it, or when the server's answer was lost. The first are counted from the attempts at mails, which the
kills alone can leave without an end (every other end is judged by the history); of the second as many as a fault of the
channel can have met. Text messages have no bound: the simulated gateway knows keys, or can be asked, so that one is in
doubt only if its own task died of crashes (judge.py).
"""
import collections

SENDERS = 2  # mails that one replica has on the wire at a time
REPLICAS = 2


def unended_attempts(moves, mail_tasks):
    ends = collections.defaultdict(set)
    for move in moves:
        if move["task_id"] in mail_tasks:
            ends[move["task_id"], move["fence"]].add(move["move"])
    return sum(not end & {"done", "retry", "dead", "given_back"} for end in ends.values())


def answers_lost(step):
    """How many answers of the mail server a step can have lost."""
    how = step.how
    if step.do == "smtp" and how["mode"] in ("drop_after_data", "drop_before_store"):
        return how["count"]
    if how.get("route") == "smtp":
        # A cut loses one answer; a stop or a refusal those that were under way, again after each timeout.
        return how.get("count", 0) or REPLICAS * SENDERS * (1 + int(how["seconds"]))
    return 0


def doubt_bounds(evidence):
    mails = {t["id"] for rows in (evidence.tasks, evidence.settled) for t in rows["referral"] if t["kind"] == "referral.send_mail"}
    crashed = unended_attempts(evidence.moves["referral"], mails)
    return {"mails in doubt": crashed + sum(answers_lost(step) for step, _, _ in evidence.journal.spans)}
