"""How much doubt the faults of a campaign explain.

A mail is in doubt when its sender died or was paused with the mail on the wire, or when the server's answer was lost.
So every such fault explains as many as were on the wire then, and no other fault explains any. A text message is never
in doubt: the simulated gateway knows keys, or can be asked.
"""

SENDERS = 2  # mails that one replica has on the wire at a time
REPLICAS = 2


def mails_in_doubt(step):
    how = step.how
    if step.lane.startswith("referral-"):
        return SENDERS * (REPLICAS if step.do == "double" else 1)
    if step.do == "smtp" and how["mode"] in ("drop_after_data", "drop_before_store"):
        return how["count"]
    if how.get("route") == "smtp":
        # A cut loses one answer; a stop or a refusal those that were under way, again after each timeout.
        return how.get("count", 0) or REPLICAS * SENDERS * (1 + int(how["seconds"]))
    if step.do in ("pg_kill", "pg_read_only", "failover") or (step.do == "pg_lock" and how["service"] == "referral"):
        return REPLICAS * SENDERS  # what went out could not be noted before the lease was over
    if how.get("route") == "pg-referral" and step.do in ("swizzle", "blackhole", "refuse"):
        return REPLICAS * SENDERS
    return 0


def doubt_bounds(journal):
    return {"mails in doubt": sum(mails_in_doubt(step) for step, _, _ in journal.spans), "sms in doubt": 0}
