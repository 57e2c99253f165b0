"""Walks what was done with every task, and what happened to every resource, through the table of legal moves.

A task is `waiting` until it is claimed, `running` until its attempt ends, then waiting again, `settled` or `dead`. An
attempt is known by its fence: 1, 2, 3 … The first illegal step of each history is named; the rest of it means nothing.
"""
import collections
import datetime
import math

# How an attempt that has started may end, and what the task is then. No end: its holder died, or was paused.
# An operator may requeue a dead task: that is noted with the attempt that was dead, and with each that had no end.
ENDS = {"done": "settled", "retry": "waiting", "dead": "dead", "given_back": "waiting", "lost": "waiting",
        "requeued": "waiting", "": "waiting"}
CRASHES_OF_THE_DEAD = 5
CLOCK_SLACK_S = 0.05
SEEN_AFTER_S = 2  # so much later than it says of itself a note may be seen: its commit waits for the standby
DESK_LEASE_S = 3600

# What may follow what, by the kind of subject: of each type the states it may come in. "" is the beginning; a type that
# is not here does not exist (docs/api/integration.md lists them all).
OPEN, ANY = {"open", "proposed"}, {"open", "proposed", "closed"}
ASKED = {"待送出", "已送出", "对方办理中", "待补充"}  # as referral.proto calls a referral's states
ENDED = {"已答复", "不在该处", "转往别处", "不予办理", "无答复", "已撤回"}
WITH_BODY = {"已送出", "对方办理中"}
ASKED_OR_ENDED = ASKED | ENDED
MESSAGE = {"open", "in_doubt", "with_staff", "told", "not_reached", "suppressed"}

EVENT_MOVES = {
    # A hall has no states, nor has who looks in all of them.
    "halls": {"rota.replaced.v1": {""}, "case.searched.v1": {""}},
    "staff": {"case.searched.v1": {""}},
    "cases": {
        "case.created.v1": {""},
        "case.next_action_set.v1": OPEN,
        "case.priority_granted.v1": OPEN,
        "case.contact_logged.v1": ANY,
        "case.party_corrected.v1": OPEN,
        "case.party_added.v1": OPEN,
        "case.life_event_recorded.v1": OPEN,
        "case.successor_named.v1": OPEN,
        # It may come out, or be known, after the end.
        "case.life_event_undone.v1": ANY,
        "life_event.no_successor.v1": ANY,
        "mandate.created.v1": OPEN,
        "mandate.revoked.v1": ANY,
        "mandate.expired.v1": ANY,
        "mandate.in_person_recorded.v1": OPEN,
        "case.checklist_issued.v1": OPEN,
        "case.outcome_confirmed.v1": OPEN,
        "case.closure_proposed.v1": {"open"},
        "case.closure_returned.v1": {"proposed"},
        "case.closed.v1": {"proposed"},
        "case.merged.v1": {"open"},
        "case.duplicate_taken_in.v1": {"open"},
        "case.trouble_seen.v1": ANY,
        "case.message_reported.v1": ANY,
        # What others report is heard whenever it comes.
        "case.referral_opened.v1": ANY,
        "case.referral_progressed.v1": ANY,
        "case.referral_answered.v1": ANY,
        "case.referral_ended.v1": ANY,
        "case.referral_taken_back.v1": ANY,
        "case.route_sheet_ready.v1": ANY,
        "case.cut_off_near.v1": ANY,
        "case.cut_off_passed.v1": ANY,
        "paper.gap_recorded.v1": OPEN,
        "paper.received.v1": OPEN,
        "paper.verified.v1": OPEN,
        "paper.deficient.v1": OPEN,
        "paper.substituted.v1": OPEN,
        "paper.ground_weighed.v1": OPEN,
        "paper.spared.v1": OPEN,
        "paper.search_allowed.v1": OPEN,
        "case.verdict_given.v1": OPEN,
        "consultation.recorded.v1": OPEN,
        "case.escalated.v1": OPEN,
        "case.escalation_answered.v1": OPEN,
        "case.escalation_withdrawn.v1": OPEN,
        "escalation.chased.v1": OPEN,
        "escalation.silent.v1": OPEN,
        "case.difficulties_classed.v1": OPEN,
        "case.owner_changed.v1": OPEN,
        "follow_up.tried.v1": {"closed"},
        "follow_up.done.v1": {"closed"},
        "follow_up.abandoned.v1": {"closed"},
        "case.rating_seen.v1": ANY,
        "dispute.filed.v1": {"closed"},
        "dispute.upheld.v1": {"closed"},
        "case.reopened.v1": {"closed"},
        "dispute.body_told.v1": OPEN,
        "case.bodies_told_again.v1": OPEN,
        "dispute.overdue.v1": OPEN,
        "handover.offered.v1": OPEN,
        "handover.ended.v1": ANY,
        "packet.created.v1": OPEN,
        "packet.handed_over.v1": OPEN,
        "aftercare.arranged.v1": ANY,
        "aftercare.touched.v1": ANY,
        "aftercare.due.v1": ANY,
        "aftercare.ended.v1": ANY,
        "policy_consent.given.v1": ANY,
        "policy_consent.withdrawn.v1": ANY,
        "policy_hit.proposed.v1": ANY,
        "policy_hit.overdue.v1": ANY,
        "policy_hit.accepted.v1": ANY,
        "policy_hit.dismissed.v1": ANY,
        "policy_hit.voided.v1": ANY,
        "case.kin_scope_agreed.v1": OPEN,
        "case.kin_scope_withdrawn.v1": ANY,
        "plan.made.v1": OPEN,
        "plan.revised.v1": OPEN,
        "plan.step_settled.v1": ANY,
        "plan.step_redone.v1": OPEN,
        "plan.step_expedited.v1": OPEN,
        "plan.step_coached.v1": ANY,
        "plan.step_late.v1": OPEN,
        "fact.recorded.v1": OPEN,
        "fact.retracted.v1": ANY,
        "question.asked.v1": ANY,
        "question.answered.v1": ANY,
        "praise.recorded.v1": ANY,
        "progress_code.issued.v1": ANY,
        "promise.made.v1": OPEN,
        "promise.kept.v1": ANY,
        "promise.broken.v1": ANY,
        "term.started.v1": OPEN,
        "term.suspended.v1": OPEN,
        "term.resumed.v1": OPEN,
        "term.extended.v1": OPEN,
        "term.near.v1": OPEN,
        "term.met.v1": OPEN,
        "term.broken.v1": OPEN,
        "term.withdrawn.v1": OPEN,
        "case.no_news_told.v1": OPEN,
        "case.fell_silent.v1": OPEN,
        "case.heard.v1": OPEN,
        "case.progress_looked_up.v1": OPEN,
    },
    "referrals": {
        "referral.created.v1": {""},
        "referral.state_changed.v1": ASKED,
        "referral.attempted.v1": ASKED_OR_ENDED,
        # A mail may be on its way, or come, when all is over; one that ended in vain is withdrawn by mail.
        "referral.mail_sent.v1": ASKED_OR_ENDED,
        "referral.mail_refused.v1": ASKED_OR_ENDED,
        "referral.mail_not_written.v1": ASKED_OR_ENDED,
        "referral.mail_in_doubt.v1": ASKED_OR_ENDED,
        "referral.mail_received.v1": ASKED_OR_ENDED,
        "referral.mail_bounced.v1": ASKED,
        "referral.reminded.v1": WITH_BODY,
        "referral.decision_needed.v1": WITH_BODY | {"待送出"},
        # The reply that ends it is told after its end, one that comes too late is filed.
        "referral.replied.v1": ASKED_OR_ENDED - {"待送出"},
        "referral.entry_created.v1": ASKED_OR_ENDED,
        "referral.cut_off_set.v1": ASKED | {"已答复"},
        # After an answer the person still has to be in time.
        "referral.cut_off_near.v1": ASKED | {"已答复"},
        "referral.cut_off_passed.v1": ASKED | {"已答复"},
        "referral.route_sheet_issued.v1": ASKED_OR_ENDED,
        "referral.input_provided.v1": {"对方办理中"},
        "referral.basis_withdrawn.v1": ASKED,
        # What was promised comes when it is over, too.
        "parcel.sent.v1": ASKED_OR_ENDED,
        "parcel.handed_on.v1": ASKED_OR_ENDED,
        "parcel.lost.v1": ASKED_OR_ENDED,
        # Many a body answers with an appointment, and who is out comes home whatever it says.
        "appointment.proposed.v1": ASKED_OR_ENDED,
        "appointment.confirmed.v1": ASKED_OR_ENDED,
        "appointment.moved.v1": ASKED_OR_ENDED,
        "appointment.kept.v1": ASKED_OR_ENDED,
        "appointment.missed.v1": ASKED_OR_ENDED,
        "appointment.cancelled.v1": ASKED_OR_ENDED,
        "visit.planned.v1": ASKED_OR_ENDED,
        "visit.checked.v1": ASKED_OR_ENDED,
        "visit.leg_reached.v1": ASKED_OR_ENDED,
        "visit.done.v1": ASKED_OR_ENDED,
        "visit.incident_reported.v1": ASKED_OR_ENDED,
        "visit.incident_handled.v1": ASKED_OR_ENDED,
        "visit.cancelled.v1": ASKED_OR_ENDED,
    },
    "policies": {
        "policy.published.v1": {""},
        "policy.repealed.v1": {"open"},
    },
    "shiftHandovers": {
        "shift_handover.offered.v1": {""},
        "shift_handover.taken.v1": {"open"},
        "shift_handover.withdrawn.v1": {"open"},
    },
    "searches": {
        "search.created.v1": {""},
        # It may be found, come back and go on many times: a body takes back what it said, an officer adds another.
        "search.found.v1": {"open"},
        "search.returned.v1": {"open"},
        "search.resumed.v1": {"open"},
        "search.arranged.v1": {"open"},
        "search.excluded.v1": {"open"},
        "search.taken_back.v1": {"open"},
        "search.cancelled.v1": {"open"},
    },
    "withdrawals": {"withdrawal.created.v1": {""}},
    # The first is paused without having been made: they are there from the beginning.
    "channels": {"channel.paused.v1": {"", "open"}, "channel.resumed.v1": {"paused"}},
    "messages": {
        "message.created.v1": {""},
        # Nothing was to be told to them, which was a mistake.
        "message.told_after_all.v1": {"suppressed"},
        "message.delivered.v1": MESSAGE - {"told"},  # a receipt may come after everything else
        "message.in_doubt.v1": {"open"},
        # After a call comes a letter.
        "message.handed_to_staff.v1": {"open", "in_doubt", "with_staff"},
        "message.not_reached.v1": {"with_staff", "open"},
        "message.channel_changed.v1": {"open", "with_staff"},
        "message.letter_posted.v1": {"open", "with_staff"},
        "message.sent_again.v1": {"in_doubt"},
        # Newer words withdraw also a call that nobody has made yet.
        "message.suppressed.v1": {"open", "in_doubt", "with_staff"},
        "message.receipt_contradicted.v1": MESSAGE,
    },
}
# What the subject is then; after a type that is not here it is what it was.
EVENT_STATES = {"case.created.v1": "open", "case.closure_proposed.v1": "proposed", "case.closure_returned.v1": "open",
                "case.closed.v1": "closed", "case.merged.v1": "closed", "referral.created.v1": "待送出",
                "search.created.v1": "open",
                "search.cancelled.v1": "closed", "policy.published.v1": "open",
                "policy.repealed.v1": "closed", "shift_handover.offered.v1": "open",
                "shift_handover.taken.v1": "closed", "shift_handover.withdrawn.v1": "closed", "message.created.v1": "open",
                "case.closed.v1": "closed", "case.reopened.v1": "open", "referral.created.v1": "待送出", "search.created.v1": "open",
                "search.cancelled.v1": "closed", "message.created.v1": "open",
                "message.delivered.v1": "told", "message.in_doubt.v1": "in_doubt",
                "message.handed_to_staff.v1": "with_staff", "message.not_reached.v1": "not_reached",
                "message.sent_again.v1": "open", "message.told_after_all.v1": "open", "message.suppressed.v1": "suppressed",
                "channel.paused.v1": "paused", "channel.resumed.v1": "open",
                "message.channel_changed.v1": "open", "message.letter_posted.v1": "open"}
# What may become of a referral, by what it was.
REFERRAL_STEPS = {
    "待送出": ASKED_OR_ENDED - {"待送出"},  # one that was sent before may be answered while it is carried anew
    "已送出": ASKED_OR_ENDED - {"已送出"},
    "对方办理中": ASKED_OR_ENDED - {"已送出", "对方办理中"},
    "待补充": {"对方办理中"} | ENDED - {"无答复"},
}


def seconds(time):
    return datetime.datetime.fromisoformat(time).timestamp()


class OpenAttempt:
    """An attempt of which no end was seen when its task was claimed again. `noted`: its process said, too late perhaps, that it
    had not died of it."""

    def __init__(self, start, noted):
        self.began, self.process, self.noted = seconds(start["time"]), process_of(start["holder"]), noted


def process_of(holder):
    """"referral@host/2328/26a4c8a52852/7", the seventh claim of process 2328."""
    parts = holder.split("/")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


def open_attempts(moves, fence, claimed):
    """Of the attempts of one task that began before the one called `fence`, those that had no end, or may have had none that
    was seen, when that was claimed."""
    found = []
    for number in sorted({move["fence"] for move in moves if move["fence"] < fence}):
        attempt = [move for move in moves if move["fence"] == number]
        start = next((move for move in attempt if move["move"] == "started"), None)
        ends = [move for move in attempt if move["move"] != "started"]
        if start is not None and all(seconds(end["time"]) >= claimed - SEEN_AFTER_S for end in ends):
            found.append(OpenAttempt(start, any(end["move"] in ("late", "lost") for end in ends)))
    return found


def is_death_of_crashes(move):
    return move["move"] == "dead" and "crashed" in move["detail"]


class TaskHistory:
    """One task's attempts, and where it is now: an open row, a settled one, or none."""

    def __init__(self, task_id, moves, open_row, settled_rows, lease_s):
        self.id, self.open_row, self.settled = task_id, open_row, settled_rows
        self.lease_s = DESK_LEASE_S if (open_row or {}).get("lane") == "desk" else lease_s
        self.attempts = collections.OrderedDict()
        for move in sorted(moves, key=lambda m: m["fence"]):
            self.attempts.setdefault(move["fence"], []).append(move)
        self.crashes = []  # (started, when the task was begun again or ended)

    def first_illegal(self):
        """What is wrong with it, or None."""
        state, before = "waiting", None
        for number, (fence, moves) in enumerate(self.attempts.items(), 1):
            problem = self.of_attempt(number, fence, moves, state, before)
            if problem:
                return f"task {self.id}, attempt {fence}: {problem}"
            end = self.end_of(moves)
            state, before = ENDS[end], (end, moves)
        problem = self.of_end(state)
        return problem and f"task {self.id}: {problem}"

    @staticmethod
    def end_of(moves):
        ends = [m["move"] for m in moves if m["move"] not in ("started", "late")]
        return "requeued" if "requeued" in ends else next(iter(ends), "")

    @staticmethod
    def time_of(moves, move):
        return next(seconds(m["time"]) for m in moves if m["move"] == move)

    def of_attempt(self, number, fence, moves, state, before):
        kinds = collections.Counter(m["move"] for m in moves)
        unknown = set(kinds) - set(ENDS) - {"started", "late"}
        ends = [m["move"] for m in moves if m["move"] in ENDS]
        if unknown:
            return f"no such move: {', '.join(sorted(unknown))}"
        if fence != number:
            return f"attempts go from {number - 1} to {fence}"
        if kinds["started"] != 1:
            return "ended without having been started" if not kinds["started"] else "started twice"
        if len(ends) > 1 and sorted(ends) != ["dead", "requeued"]:
            return f"ended twice, as {' and '.join(ends)}"
        if ends and kinds["late"]:
            return f"ended as {ends[0]} and came too late as well"
        if state in ("settled", "dead"):
            return f"claimed after it was {state}"
        return self.of_start(moves, before) or self.of_death(moves)

    def of_start(self, moves, before):
        if before is None:
            return None
        began, (end, earlier) = self.time_of(moves, "started"), before
        requeued = self.time_of(earlier, "requeued") if end == "requeued" else math.inf
        if end == "" or end == "requeued" and requeued > began:
            lease_over = self.time_of(earlier, "started") + self.lease_s
            if began < lease_over - CLOCK_SLACK_S:
                return f"claimed {lease_over - began:.2f} s before the lease of attempt {earlier[0]['fence']} was over"
            self.crashes.append((self.time_of(earlier, "started"), began))
        elif end == "lost" and began >= self.time_of(earlier, "started") + self.lease_s - CLOCK_SLACK_S:
            return None  # said of a claim whose answer never came, perhaps long after its lease
        elif began < self.time_of(earlier, end) - CLOCK_SLACK_S:
            return f"claimed before attempt {earlier[0]['fence']} had ended"
        return None

    def of_death(self, moves):
        """That there were crashes enough; whether they were crashes, doubt.py says."""
        if not any(map(is_death_of_crashes, moves)):
            return None
        earlier = [move for attempt in self.attempts.values() for move in attempt]
        crashes = len(open_attempts(earlier, moves[0]["fence"], self.time_of(moves, "started")))
        if crashes < CRASHES_OF_THE_DEAD:
            return f"called dead of {CRASHES_OF_THE_DEAD} crashes after {crashes}"
        return None

    def of_end(self, state):
        last = next(reversed(self.attempts), 0)
        if len(self.settled) > 1:
            return "settled twice"
        if self.settled and self.open_row:
            return "settled and still open"
        if state == "settled" and not self.settled:
            return "done, but not settled" + (" and still open" if self.open_row else "")
        if self.settled and state != "settled" and self.settled[0]["outcome"] != "cancelled":
            return f"settled as {self.settled[0]['outcome']} by no attempt"
        if not self.settled and not self.open_row:
            return "gone without a trace"
        if self.open_row and self.open_row["fence"] != last:
            return f"its fence is {self.open_row['fence']}, its last attempt {last}"
        if self.open_row and (self.open_row["state"] == "dead") != (state == "dead"):
            return f"is {self.open_row['state']} where its attempts say {state}"
        return None


def walk_tasks(moves, tasks, settled, lease_s):
    """(illegal steps, crashes as (started, begun again))."""
    by_task = collections.defaultdict(list)
    for move in moves:
        by_task[move["task_id"]].append(move)
    open_rows = {task["id"]: task for task in tasks}
    settled_rows = collections.defaultdict(list)
    for row in settled:
        settled_rows[row["id"]].append(row)
    illegal, crashes = [], []
    for task_id in set(by_task) | set(open_rows) | set(settled_rows):
        history = TaskHistory(task_id, by_task[task_id], open_rows.get(task_id), settled_rows[task_id], lease_s)
        problem = history.first_illegal()
        illegal += [problem] if problem else []
        crashes += history.crashes
    return illegal, crashes


def walk_events(events):
    """Illegal steps of cases, referrals and messages. `events` in the order in which they were committed."""
    states, illegal, broken = {}, [], set()
    for event in events:
        subject = event["subject"]
        moves, state = EVENT_MOVES.get(subject.partition("/")[0]), states.get(subject, "")
        if moves is None or subject in broken:
            continue
        problem = problem_of_event(event, moves, state)
        if problem:
            broken.add(subject)
            illegal.append(f"{subject}: {event['type']} {problem}")
        states[subject] = state_after(event, state)
    return illegal


def problem_of_event(event, moves, state):
    if event["type"] not in moves:
        return "is no type of its events"
    if state not in moves[event["type"]]:
        return f"while it is {state or 'not there'}"
    after = state_after(event, state)
    if event["type"] == "referral.state_changed.v1" and after not in REFERRAL_STEPS[state]:
        return f"from {state} to {after}"
    return None


def state_after(event, state):
    if event["type"] == "referral.state_changed.v1":  # "八宝山殡仪馆：已答复"
        return event["summary"].rpartition("：")[2]
    return EVENT_STATES.get(event["type"], state)
