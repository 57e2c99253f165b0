"""Judges a campaign from the databases and the simulators' ledgers; nothing the services say of themselves counts, but for
the words of the contact log and of referrals' ledgers, which are sealed in their tables.

Every promise has one function here, which adds what breaks it. `what` of a violation begins with the promise's word, so
that a planted bug can be told from the one next to it (planted.py).
"""
import collections
import itertools
import json

import doubt
import history
import ledger
from evidence import LATE_SLACK_S, Verdict, message_id, names_a_day, same_count, same_set
from instance import SERVICES
from judge_bodies import (judge_bounces, judge_inbound, judge_last_days, judge_mails, judge_reading, judge_reminders,
                          judge_withdrawals)
from judge_cases import judge_papers, judge_promises, judge_recipients, judge_told, judge_values
from people import ABSENT, GOOD, INVALID, RELUCTANT

REFERRAL_EVENTS = {"case.referral_opened.v1", "case.referral_progressed.v1", "case.referral_answered.v1",
                   "case.referral_ended.v1", "case.referral_taken_back.v1", "case.route_sheet_ready.v1",
                   "case.cut_off_near.v1", "case.cut_off_passed.v1"}

# What its case is told of a referral in one of these states; of every referral, that it was opened.
REPORTED_STATES = {"case.referral_opened.v1": (), "case.referral_answered.v1": ("ANSWERED",),
                   "case.referral_ended.v1": ("NOT_HELD", "DECLINED", "NO_ANSWER", "CANCELLED")}

# What was acknowledged of what may be done again and again, and the event that each leaves.
DONE = {"next action": ("intake", "case.next_action_set.v1"), "checklist": ("intake", "case.checklist_issued.v1"),
        "correction": ("intake", "case.party_corrected.v1"), "outcome": ("intake", "case.outcome_confirmed.v1"),
        "gap": ("intake", "paper.gap_recorded.v1"), "paper received": ("intake", "paper.received.v1"),
        "promise": ("intake", "promise.made.v1"), "promise kept": ("intake", "promise.kept.v1"),
        "closure proposed": ("intake", "case.closure_proposed.v1"), "closure returned": ("intake", "case.closure_returned.v1"),
        "closed": ("intake", "case.closed.v1"), "reply": ("referral", "referral.replied.v1"),
        "entry": ("referral", "referral.entry_created.v1"), "cut-off": ("referral", "referral.cut_off_set.v1"), "route sheet": ("referral", "referral.route_sheet_issued.v1")}


def judge_answers(e, verdict):
    for complaint, times in collections.Counter(e.complaints + e.load.complaints).items():
        verdict.add("conduct", complaint + (f" ({times} times)" if times > 1 else ""))


def judge_effects(e, verdict):
    """Every acknowledged request has exactly its effects, and nothing has more."""
    load = e.load
    same_set(verdict, "case", set(load.hand_offs), set(e.cases))
    same_set(verdict, "referral", set(load.referrals), set(e.referrals))
    same_count(verdict, "log entries listed", e.contacts_kept, collections.Counter(c["case_name"] for c in e.contacts))
    same_count(verdict, "ledger entries listed", e.entries_kept, collections.Counter(entry["referral"] for entry in e.entries))
    texts = collections.Counter(c["summary"].split()[-1] for c in e.contacts if c["summary"].startswith("联系记录"))
    same_count(verdict, "log entries", collections.Counter(load.contacts.keys()), texts)
    same_count(verdict, "entries", collections.Counter(f"{referral} {marker}" for marker, referral in load.claims.items()),
               collections.Counter(f"{row['referral']} {row['text'].split()[-1]}" for row in e.claims
                                   if row["text"].startswith("说法 ")))
    for what, (service, event) in DONE.items():
        wanted = collections.Counter({name: times for (what_, name), times in load.done.items() if what_ == what})
        same_count(verdict, what, wanted, e.events_of(service, event))
    same_set(verdict, "closed case", load.closed, {name for name, case in e.cases.items() if case["state"] == "CLOSED"})
    same_set(verdict, "withdrawn referral", load.cancelled,
             {name for name, referral in e.referrals.items() if referral["state"] == "CANCELLED"})
    same_set(verdict, "filed mail", set(load.filed), {f"unmatchedMails/{mail['id']}" for mail in e.unmatched if mail["filed"]})
    decided = collections.Counter(f"{subject} {outcome}" for kind in ("message.call", "message.in_doubt")
                                  for subject, outcome in load.desk.done_of(kind))
    same_count(verdict, "decisions", decided + load.desk.resolved,
               collections.Counter(f"{d['message']} {d['outcome']}" for d in e.decisions))


def judge_end_reports(e, verdict):
    """Whatever ended somewhere else is told to its case, by the state that it is in."""
    said = collections.defaultdict(set)
    for report in e.reports:
        said[report["message"]].add(report["state"])
    for name, message in e.messages.items():
        if message["state"] not in ("SENDING", "SUPPRESSED") and message["state"] not in said[name]:
            verdict.add("lost", f"{name} is {message['state']}, and no report says so")
    waiting = {t["subject"] for t in e.open_tasks("referral", "referral.report_case")}
    for event, states in REPORTED_STATES.items():
        wanted = collections.Counter(r["case_name"] for name, r in e.referrals.items()
                                     if name not in waiting and (not states or r["state"] in states))
        told = e.events_of("intake", event)
        for case in set(wanted):
            if told[case] < wanted[case]:
                verdict.add("lost", f"{case}: {told[case]} of {wanted[case]} {event}")


def may_be_told(wanted, told, cases):
    """Of a report that died with its workers nobody knows whether it was told; a person has it."""
    for case in cases:
        wanted[case] += told[case] > wanted[case]


def judge_reports(e, verdict):
    """What a service reports to a case is there once: for messages a line in the log, for referrals an event."""
    case_of = {message["name"]: message["case_name"] for message in e.messages.values()}
    undone = {t["id"] for t in e.tasks["notification"] if t["kind"] == "message.report_case"}
    wanted = collections.Counter(case_of[r["message"]] for r in e.reports if r["id"] not in undone)
    told = collections.Counter(c["case_name"] for c in e.contacts if c.get("author") == "services/notification")
    dead = undone & e.ids_of_dead("notification")
    may_be_told(wanted, told, [case_of[r["message"]] for r in e.reports if r["id"] in dead])
    same_count(verdict, "reports of messages", wanted, told)
    done = [t for t in e.settled["referral"] if t["kind"] == "referral.report_case" and t["outcome"] == "done"]
    case_of = {name: row["case_name"] for name, row in e.referrals.items()}
    wanted = collections.Counter(case_of.get(t["subject"]) for t in done)
    told = e.events_of("intake", *REFERRAL_EVENTS)
    may_be_told(wanted, told, [case_of.get(t["subject"]) for t in e.open_tasks("referral", "referral.report_case")
                               if t["state"] == "dead"])
    same_count(verdict, "reports of referrals", wanted, told)


def judge_sms(e, verdict):
    """Told once; "delivered" is what the gateway or a person said; no message is left on its way."""
    accepted = collections.Counter(row["key"] for row in e.sms)
    said = {row["client_ref"]: row["state"] for row in e.receipts}
    called = {d["message"] for d in e.decisions if d["outcome"] in ("REACHED", "RECEIVED")}
    again = collections.Counter(d["message"] for d in e.decisions if d["outcome"] == "SEND_AGAIN")
    given_up = given_up_of_crashes(e)
    to_be_called = {t["subject"] for t in e.open_tasks("notification", "message.call")}
    by_message = collections.defaultdict(list)
    for delivery in e.deliveries.values():
        by_message[delivery["message"]].append(delivery)
    for key in set(accepted) - set(e.deliveries):
        verdict.add("told twice", f"the gateway has key {key}, which is no delivery's")
    for name, message in e.messages.items():
        texts = [d for d in by_message[name] if d["channel"] == "SMS"]
        sent = sum(accepted[d["id"]] for d in texts)
        delivered = any(said.get(d["id"]) == "delivered" for d in texts)
        state = message["state"]
        verdict.counts["sms"] += sent
        if sent > 1 + again[name]:
            verdict.add("told twice", f"{name}: {sent} text messages")
        if state == "IN_DOUBT":
            verdict.counts["sms in doubt"] += 1
            if name not in given_up:
                verdict.add("doubt", f"{name} is in doubt, and its task did not die of crashes")
        if state == "DELIVERED" and not delivered and name not in called:
            verdict.add("untrue", f"{name} is DELIVERED, and neither the gateway nor a person says so")
        if state in ("HANDED_TO_STAFF", "NOT_REACHED") and delivered:
            verdict.add("untrue", f"{name} is {state}, and the gateway delivered it")
        if state in ("SENDING", "IN_DOUBT") and delivered:
            verdict.add("lost", f"{name} is {state}, and the gateway's receipt says delivered")
        if state == "SENDING" and not delivered and not (came_late(message) and name in to_be_called):
            verdict.add("stuck", f"{name} is still SENDING")
        judge_fate(e, verdict, message, sent, given_up)


def judge_fate(e, verdict, message, sent, given_up):
    """What the number's ending decides at the simulated gateway."""
    person = e.load.hand_offs.get(message["case_name"])
    if person is None or message["state"] == "IN_DOUBT":
        return
    if person.fate in (GOOD, RELUCTANT, ABSENT) and sent == 0 and message["state"] != "SENDING":
        called = message["name"] in {d["message"] for d in e.decisions if d["outcome"] in ("REACHED", "RECEIVED", "NOT_REACHED")}
        with_person = message["state"] == "HANDED_TO_STAFF" or called
        # Words of a last day are withdrawn for newer ones, and told by a person when they would come too late.
        late = names_a_day(message) and (with_person or message["state"] == "SUPPRESSED")
        if not late and not (with_person and (message["name"] in given_up or came_late(message))):
            verdict.add("lost", f"{message['name']} is {message['state']} and never reached the gateway")
    if person.fate in (ABSENT, INVALID) and message["state"] == "DELIVERED":
        if message["name"] not in {d["message"] for d in e.decisions if d["outcome"] in ("REACHED", "RECEIVED")}:
            verdict.add("untrue", f"{message['name']} is DELIVERED to a number that takes nothing")


def came_late(message):
    """Whether its words were not true any more when it was made: then a person calls, with others."""
    until = message["true_until"]
    return until is not None and history.seconds(message["create_time"]) >= history.seconds(until)


def given_up_of_crashes(e):
    """The messages of which the task that sends the text was given up because workers did die of it."""
    died = doubt.Crashes(e, "notification").explained
    return {t["subject"] for rows in (e.tasks, e.settled) for t in rows["notification"]
            if t["id"] in died and t["kind"] == "message.send_sms"}


def judge_doubt(e, verdict):
    """Doubt, and work for people, only where the faults explain it."""
    for price in doubt.prices(e):
        verdict.counts[price.what] = price.found
        verdict.counts[f"{price.what} allowed"] = price.bound
        if price.found > price.bound:
            verdict.add("doubt", f"{price.found} {price.what}, where the faults explain {price.bound}")


def judge_next_actions(e, verdict):
    """Every open case and live referral has its work, at its time; what the machine gave up a person has."""
    act = {t["subject"]: t for t in e.open_tasks("intake", "case.act")}
    review = {t["subject"] for t in e.open_tasks("intake", "case.review_closure")}
    for name, case in e.cases.items():
        if (case["state"] == "CLOSURE_PROPOSED") != (name in review):
            verdict.add("no next action", f"{name} is {case['state']}, and {'its' if name in review else 'no'} closure is to be reviewed")
        if case["state"] == "CLOSED":
            if name in act:
                verdict.add("surplus", f"{name} is closed, and still somebody's work")
            continue
        if name not in act:
            verdict.add("no next action", f"{name} is open, and nobody's work")
        elif act[name]["due"] != case["next_action_time"]:
            verdict.add("no next action", f"{name} says {case['next_action_time']}, its task {act[name]['due']}")
    chase = {t["subject"]: t for t in e.open_tasks("referral", "referral.chase")}
    for name, referral in e.referrals.items():
        if referral["ended"] and name in chase:
            verdict.add("surplus", f"{name} has ended, and still has a timer")
        if not referral["ended"] and name not in chase:
            verdict.add("no next action", f"{name} is {referral['state']}, and has no timer")
        elif not referral["ended"] and chase[name]["due"] != referral["next_action_time"]:
            verdict.add("no next action", f"{name} says {referral['next_action_time']}, its timer {chase[name]['due']}")
    waiting = {t["subject"] for t in e.open_tasks("notification", "message.call", "message.in_doubt")}
    for name, message in e.messages.items():
        if message["state"] in ("HANDED_TO_STAFF", "IN_DOUBT") and name not in waiting:
            verdict.add("no next action", f"{name} is {message['state']}, and nobody's work")
    for service in SERVICES:
        shown = e.dead_shown(service)
        for task in e.tasks[service]:
            handled = task["id"] in shown or task["kind"] == "message.send_sms"  # its message says to whom it went
            # A mail that was not due any more is nobody's question.
            handled = handled or task["kind"] == "referral.send_mail" and e.referrals[task["subject"]]["mail_due"] != task["id"]
            if task["state"] == "dead" and task["lane"] != "desk" and not handled:
                verdict.add("no next action", f"{task['kind']} {task['id']} died, and nobody is told")


def told_to_be_missing(watch, committed):
    """What was committed between the last event before a watch's token expired and the first one after that."""
    places = {event: place for place, event in enumerate(committed)}
    told = set()
    for seen in watch.expired:
        after = places.get(watch.seen[seen - 1], -1) if seen else -1
        until = places.get(watch.seen[seen], len(committed)) if seen < len(watch.seen) else len(committed)
        told |= set(committed[after + 1:until])
    return told


def judge_watches(e, verdict):
    """A watch tells every event once, in the order of commits."""
    for watch in e.load.watches:
        committed = [event["id"] for event in e.events[watch.service]]
        count = collections.Counter(watch.seen)
        where = f"{watch.name_} of {watch.caller}"
        told = told_to_be_missing(watch, committed)
        missing = [event for event in committed if not count[event] and event not in told]
        if len(watch.expired) != e.journal.done["failover"]:
            verdict.add("lost" if watch.expired else "untrue",
                        f"{where} was told {len(watch.expired)} times that its token is of another history")
        repeated = [event for event, times in count.items() if times > 1]
        if missing:
            verdict.add("lost", f"{where} did not tell {len(missing)} of {len(committed)} events")
        if repeated:
            verdict.add("told twice", f"{where} told {len(repeated)} events more than once")
        if not missing and not repeated and watch.seen != [event for event in committed if count[event]]:
            verdict.add("untrue", f"{where} told events out of their order")


def judge_late_acts(e, verdict):
    """Nothing outside happens under a lease that is over."""
    released = [to for step, _, to in e.journal.spans
                if step.do in ("blackhole", "swizzle") and step.how["route"] in ("smtp", "sms")]
    starts = collections.defaultdict(list)
    for service in ("referral", "notification"):
        for move in e.moves[service]:
            if move["move"] == "started":
                starts[move["task_id"]].append(history.seconds(move["time"]))
    acts = [(row["key"], "text message", row["at"]) for row in e.sms]
    acts += [(message_id(row).partition("@")[0], "mail", row["at"]) for row in e.smtp]
    for task_id, what, at in acts:
        time = history.seconds(at)
        if any(0 <= time - release < 1 for release in released):  # the network held it, not the service
            continue
        lease = e.instance.options.lease_s + LATE_SLACK_S
        if starts[task_id] and not any(start - LATE_SLACK_S <= time <= start + lease for start in starts[task_id]):
            latest = max([start for start in starts[task_id] if start <= time], default=time)
            verdict.add("acted late", f"the {what} of {task_id} went out {time - latest:.1f} s after its claim")


def judge_history(e, verdict):
    for service in SERVICES:
        illegal, crashes = history.walk_tasks(e.moves[service], e.tasks[service], e.settled[service],
                                              e.instance.options.lease_s)
        verdict.recoveries += [again - began for began, again in crashes]
        for problem in illegal + history.walk_events(e.events[service]):
            verdict.add("illegal step", f"{service}: {problem}")
        for move in e.moves[service]:
            # What crashed has a price (doubt.py); what a closed case still hears, a person decides to tell.
            if move["move"] == "dead" and "crashed" not in move["detail"] and move["detail"] != "the case is closed":
                verdict.add("gave up", f"{service}: task {move['task_id']}: {move['detail']}")


def judge_ledger(e, verdict):
    """Every change of a case is one version and one event."""
    for problem in ledger.walk_versions({name: case["version"] for name, case in e.cases.items()}, e.events["intake"]):
        verdict.add("ledger", problem)


def judge_desk(e, verdict):
    """A task is in one officer's hands at a time, and what an officer said of it was done once."""
    leases = collections.defaultdict(list)
    for lease in e.load.desk.leases:
        leases[lease.task].append(lease)
    for task, held in leases.items():
        for one, other in itertools.combinations(held, 2):
            if one.staff != other.staff and one.meets(other):
                verdict.add("told twice", f"{task} was held by {' and '.join(sorted([one.staff, other.staff]))}")
    wanted = collections.Counter(f"{task} {outcome}" for task, (*_, outcome) in e.load.desk.completed.items())
    found = collections.Counter(f"tasks/{move['task_id']} {move['detail']}" for moves in e.moves.values() for move in moves
                                if move["move"] == "done" and move["holder"].startswith("staff/"))
    same_count(verdict, "completions", wanted, found)
    judge_given_back(e, verdict)


def judge_given_back(e, verdict):
    """What an officer gave back, and what an operator began anew, was so once, and nothing else was; whether a request without
    an answer was heard, nobody knows."""
    moves = [move for of_service in e.moves.values() for move in of_service]
    on_desks = {move["task_id"] for move in moves if move["move"] == "started" and move["holder"].startswith("staff/")}
    desk = e.load.desk
    given_back = collections.Counter(f"tasks/{move['task_id']}" for move in moves
                                     if move["move"] == "given_back" and move["task_id"] in on_desks)
    deaths = {(move["task_id"], move["fence"]) for move in moves if move["move"] == "dead"}
    requeued = collections.Counter(f"tasks/{move['task_id']}" for move in moves
                                   if move["move"] == "requeued" and (move["task_id"], move["fence"]) in deaths)
    for what, found, acknowledged, asked in (("given back", given_back, desk.given_back, desk.asked_back),
                                             ("requeued", requeued, desk.requeued, desk.asked_anew)):
        for task in sorted(set(found) | set(asked)):
            if found[task] < acknowledged[task]:
                verdict.add("lost", f"{task}: {what} {found[task]} times, and {acknowledged[task]} were acknowledged")
            if found[task] > asked[task]:
                verdict.add("surplus", f"{task}: {what} {found[task]} times, and asked for {asked[task]}")


def judge_locks(e, verdict):
    """Whoever locks several things locks them in one order (docs/architecture.md, "Locks")."""
    for service, times in e.deadlocks.items():
        if times > 0:
            verdict.add("deadlock", f"{service}: {times} since its PostgreSQL began")


def judge_partitions(e, verdict):
    for service in SERVICES:
        for row in e.instance.records(service, "judge.partitions"):
            if row["ahead"] < row["wanted"] - 1:  # a step may have begun meanwhile
                verdict.add("no room", f"{service}: {row['parent']} has partitions {row['ahead']} {row['step']}s ahead "
                                       f"of {row['wanted']}")


def judge_privacy(e, verdict):
    """No name, identity number or telephone in Redis, tasks, events or logs."""
    redis = e.instance.redis
    places = {"redis": "\n".join(redis("XRANGE", key, "-", "+") for key in redis("KEYS", "xxt:*").split())}
    for service in SERVICES:
        places[f"{service} log"] = (e.instance.dir / "logs" / f"{service}.log").read_text(errors="replace")
        for table in ("tasks", "events", "moves", "settled"):
            places[f"{service} {table}"] = json.dumps(getattr(e, table)[service], ensure_ascii=False)
        places[f"{service} summaries"] = "\n".join(
            row[0] for row in e.instance.sql(service, "SELECT t::text FROM backbone.task AS t"))
    for where, text in places.items():
        for person in e.load.hand_offs.values():
            if any(word in text for word in (person.name, person.resident_id, *person.phones)):
                verdict.add("personal data", f"in {where}")
                break


PROMISES = (judge_answers, judge_effects, judge_values, judge_papers, judge_promises, judge_told, judge_recipients,
            judge_last_days, judge_end_reports, judge_reports, judge_sms, judge_mails, judge_withdrawals, judge_reminders,
            judge_doubt, judge_next_actions, judge_inbound, judge_bounces, judge_reading, judge_watches, judge_late_acts,
            judge_history, judge_ledger, judge_desk, judge_locks, judge_partitions, judge_privacy)


def judge(evidence):
    verdict = Verdict()
    for promise in PROMISES:
        promise(evidence, verdict)
    return verdict
