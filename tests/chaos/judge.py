"""Judges a campaign from the databases and the simulators' ledgers; nothing the services say of themselves counts.

Every promise has one function here, which adds what breaks it. `what` of a violation begins with the promise's word, so
that a planted bug can be told from the one next to it (planted.py).
"""
import collections
import json

import doubt
import history
import ledger
from evidence import Verdict, same_count, same_set
from instance import SERVICES
from load import ABSENT, BODY, GOOD, INVALID, RELUCTANT

LATE_SLACK_S = 0.3
DAYS_UNTIL_REMINDED = 6  # days of silence after which every body has been reminded, weekends and all
REFERRAL_EVENTS = {"case.referral_opened.v1", "case.referral_progressed.v1", "case.referral_answered.v1",
                   "case.referral_ended.v1", "case.route_sheet_ready.v1", "case.cut_off_near.v1",
                   "case.cut_off_passed.v1"}

# What its case is told of a referral in one of these states; of every referral, that it was opened.
REPORTED_STATES = {"case.referral_opened.v1": (), "case.referral_answered.v1": ("ANSWERED",),
                   "case.referral_ended.v1": ("NOT_HELD", "DECLINED", "NO_ANSWER", "CANCELLED")}


def judge_answers(e, verdict):
    for complaint, times in collections.Counter(e.complaints + e.load.complaints).items():
        verdict.add("conduct", complaint + (f" ({times} times)" if times > 1 else ""))


def judge_effects(e, verdict):
    """Every acknowledged request has exactly its effects, and nothing has more."""
    load = e.load
    same_set(verdict, "case", set(load.hand_offs), set(e.cases))
    same_set(verdict, "referral", set(load.referrals), set(e.referrals))
    texts = collections.Counter(c["summary"].split()[-1] for c in e.contacts if c["summary"].startswith("联系记录"))
    same_count(verdict, "log entries", collections.Counter(load.contacts.keys()), texts)
    same_count(verdict, "next actions set", load.next_actions, e.events_of("intake", "case.next_action_set.v1"))
    same_count(verdict, "replies recorded", collections.Counter(load.replies.keys()),
               e.events_of("referral", "referral.replied.v1"))
    events = collections.Counter(message["event"] for message in e.messages.values())
    wanted = collections.Counter(f"{case}#received" for case in load.hand_offs)
    wanted.update(f"{load.referrals[r]}#referral-answered.{r.partition('/')[2]}" for r in load.replies if r in load.referrals)
    dead = {t["subject"] for t in e.tasks["intake"] if t["state"] == "dead" and t["kind"] == "case.tell"}
    dead |= {e.referrals[t["subject"]]["case_name"] for t in e.tasks["referral"]
             if t["state"] == "dead" and t["kind"] == "referral.report_case"}
    for event in wanted:
        if not events[event] and event.partition("#")[0] in dead:
            verdict.counts["with a person"] += 1
            events[event] = 1
    same_count(verdict, "messages", wanted, events)
    done = collections.Counter(d["message"] for d in e.decisions if d["outcome"] == "REACHED")
    messages_of = {t["id"]: t["subject"] for t in e.settled["notification"]}
    same_count(verdict, "calls noted", collections.Counter(
        messages_of.get(task.partition("/")[2], task) for task in load.completed), done)


def judge_end_reports(e, verdict):
    """Whatever ended somewhere else is told to its case, by the state that it is in."""
    said = collections.defaultdict(set)
    for report in e.reports:
        said[report["message"]].add(report["state"])
    for name, message in e.messages.items():
        if message["state"] != "SENDING" and message["state"] not in said[name]:
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
    told = collections.Counter(c["case_name"] for c in e.contacts if c["author"] == "services/notification")
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
    called = {d["message"] for d in e.decisions if d["outcome"] == "REACHED"}
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
        if sent > 1:
            verdict.add("told twice", f"{name}: {sent} text messages")
        if state == "IN_DOUBT":
            verdict.counts["sms in doubt"] += 1
            if not died_of_crashes(e, name):
                verdict.add("doubt", f"{name} is in doubt, and its task did not die of crashes")
        if state == "DELIVERED" and not delivered and name not in called:
            verdict.add("untrue", f"{name} is DELIVERED, and neither the gateway nor a person says so")
        if state in ("HANDED_TO_STAFF", "NOT_REACHED") and delivered:
            verdict.add("untrue", f"{name} is {state}, and the gateway delivered it")
        if state in ("SENDING", "IN_DOUBT") and delivered:
            verdict.add("lost", f"{name} is {state}, and the gateway's receipt says delivered")
        if state == "SENDING" and not delivered:
            verdict.add("stuck", f"{name} is still SENDING")
        judge_fate(e, verdict, message, sent)


def judge_fate(e, verdict, message, sent):
    """What the number's ending decides at the simulated gateway."""
    person = e.load.hand_offs.get(message["case_name"])
    if person is None or message["state"] == "IN_DOUBT":
        return
    if person.fate in (GOOD, RELUCTANT, ABSENT) and sent == 0 and message["state"] != "SENDING":
        called = message["name"] in {d["message"] for d in e.decisions if d["outcome"] == "REACHED"}
        shown = (message["state"] == "HANDED_TO_STAFF" or called) and died_of_crashes(e, message["name"])
        if not shown:
            verdict.add("lost", f"{message['name']} is {message['state']} and never reached the gateway")
    if person.fate in (ABSENT, INVALID) and message["state"] == "DELIVERED":
        if message["name"] not in {d["message"] for d in e.decisions}:
            verdict.add("untrue", f"{message['name']} is DELIVERED to a number that takes nothing")


def died_of_crashes(e, message):
    """Whether the task that sends its text message was given up because workers died of it."""
    ids = {t["id"] for rows in (e.tasks, e.settled) for t in rows["notification"]
           if t["subject"] == message and t["kind"] == "message.send_sms"}
    return any(move["move"] == "dead" and "crashed" in move["detail"] for move in e.moves["notification"]
               if move["task_id"] in ids)


def judge_mails(e, verdict):
    """Each mail that a task stands for went out once, or is shown as in doubt."""
    accepted = collections.Counter(row["message_id"].strip("<>").partition("@")[0] for row in e.smtp if BODY in row["to"])
    entries = {mail["id"]: mail for mail in e.mails if mail["direction"] != "IN"}
    verdict.counts["mails"] = sum(accepted.values())
    for task_id, count in accepted.items():
        if count > 1:
            verdict.add("told twice", f"mail {task_id} was accepted {count} times")
        if task_id not in entries and task_id not in e.ids_of_dead("referral"):
            verdict.add("untrue", f"the server has mail {task_id}, and no ledger has")
        state = entries.get(task_id, {}).get("state")
        if state == "REFUSED":
            verdict.add("untrue", f"mail {task_id} is REFUSED, and the server has it")
    troubled = {t["subject"] for t in e.open_tasks("referral", "referral.mail_trouble", "referral.carry",
                                                   "referral.dead_task")}
    requests = collections.defaultdict(list)
    for mail in entries.values():
        if mail["direction"] == "OUT":
            requests[mail["referral"]].append(mail)
        if mail["state"] == "ACCEPTED" and not accepted[mail["id"]]:
            verdict.add("untrue", f"mail {mail['id']} is ACCEPTED, and the server does not have it")
        if mail["state"] == "IN_DOUBT" and mail["referral"] not in troubled and not e.referrals[mail["referral"]]["ended"]:
            verdict.add("stuck", f"mail {mail['id']} is in doubt, and nobody is asked")
    for name, referral in e.referrals.items():
        sent = requests[name]
        if len(sent) > 1:
            verdict.add("told twice", f"{name}: {len(sent)} requests in its ledger")
        if not sent and not referral["ended"] and name not in troubled:
            verdict.add("lost", f"{name}: its request is not in its ledger, and nobody is asked")


def judge_reminders(e, verdict):
    """Whoever is silent is reminded as often as the ledger says, and whoever has answered is not."""
    referral_of = {code: name for name, code in e.load.answer_codes.items()}
    planned = e.events_of("referral", "referral.reminded.v1")
    asked = e.events_of("referral", "referral.decision_needed.v1")
    known = collections.Counter(m["referral"] for m in e.mails if m["direction"] == "REMINDER")
    waiting = collections.Counter(t["subject"] for t in e.open_tasks("referral", "referral.send_mail"))
    for name, referral in e.referrals.items():
        if known[name] > planned[name]:
            verdict.add("told twice", f"{name}: {known[name]} reminders where {planned[name]} belong")
        if referral["connector"] == "EMAIL" and not referral["ended"] and known[name] + waiting[name] < planned[name]:
            verdict.add("lost", f"{name}: {known[name]} of {planned[name]} reminders")
        if not referral["ended"] and e.days >= DAYS_UNTIL_REMINDED and not planned[name] and not asked[name]:
            verdict.add("lost", f"{name} is silent for {e.days} days, and nobody was reminded or asked")
    for row in e.smtp:
        code = row["subject"].rpartition("[")[2].rstrip("]")
        replied = e.load.replies.get(referral_of.get(code))
        if row["subject"].startswith("催办"):
            verdict.counts["reminders"] += 1
            if replied is not None and history.seconds(row["at"]) > replied + LATE_SLACK_S:
                verdict.add("untrue", f"{referral_of[code]} was reminded {history.seconds(row['at']) - replied:.0f} s "
                                      "after its answer was recorded")


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
    for name, case in e.cases.items():
        if case["state"] == "CLOSED":
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
            handled = handled or task["kind"] == "referral.send_mail" and e.referrals[task["subject"]]["ended"]
            if task["state"] == "dead" and task["lane"] != "desk" and not handled:
                verdict.add("no next action", f"{task['kind']} {task['id']} died, and nobody is told")


def judge_inbound(e, verdict):
    """Every mail that came is filed once, word for word."""
    entries = collections.Counter()
    for mail in e.mails:
        if mail["direction"] == "IN":
            entries[mail["referral"], mail["text"].strip().rpartition(" ")[2]] += 1
    loose = collections.Counter(mail["text"].strip().rpartition(" ")[2] for mail in e.unmatched)
    for marker, referral in e.load.inbound.items():
        found = entries.pop((referral, marker), 0) if referral else loose.pop(marker, 0)
        if found == 0:
            verdict.add("lost", f"the mail {marker} to {referral or 'nobody'} is not filed")
        elif found > 1:
            verdict.add("told twice", f"the mail {marker} is filed {found} times")
    for text in [*entries, *loose]:
        verdict.add("untrue", f"a mail is filed that nobody wrote: {str(text)[:120]}")


def judge_reading(e, verdict):
    """Somebody reads every mail, until what it says is recorded; somebody sees to one that fits no referral, and decides
    over a silence."""
    work = {t["dedupe_key"] for t in e.open_tasks("referral", "referral.read_mail", "referral.unmatched_mail",
                                                  "referral.decide_silence") if t["state"] != "dead"}
    read = {reply["mail"] for reply in e.replies}
    wanted = {f"referral.read_mail/{m['id']}": f"the mail {m['id']} to {m['referral']} came, and nobody reads it"
              for m in e.mails if m["direction"] == "IN" and m["id"] not in read}
    wanted |= {f"referral.unmatched_mail/{m['id']}": f"the mail {m['id']} to nobody came, and nobody reads it"
               for m in e.unmatched if not m["filed"]}
    wanted |= {f"referral.decide_silence/{name.partition('/')[2]}": f"{name} is silent, and nobody decides"
               for name, referral in e.referrals.items() if referral["person_asked"] and not referral["ended"]}
    for key, problem in wanted.items():
        if key not in work:
            verdict.add("lost", problem)
    for key in work - set(wanted):
        verdict.add("surplus", f"{key} is to be done, and there is nothing to do")


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
        if len(watch.expired) > e.journal.done["failover"]:
            verdict.add("lost", f"{where} was told {len(watch.expired)} times that its token is of another history")
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
    acts += [(row["message_id"].strip("<>").partition("@")[0], "mail", row["at"]) for row in e.smtp if BODY in row["to"]]
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
            if move["move"] == "dead" and "crashed" not in move["detail"]:  # those have a price: doubt.py
                verdict.add("gave up", f"{service}: task {move['task_id']}: {move['detail']}")


def judge_ledger(e, verdict):
    """Every change of a case is one version and one event."""
    for problem in ledger.walk_versions({name: case["version"] for name, case in e.cases.items()}, e.events["intake"]):
        verdict.add("ledger", problem)


def judge_desk(e, verdict):
    """A task is in one officer's hands at a time."""
    holders = collections.defaultdict(set)
    for task, staff, token, *_ in e.load.leases:
        holders[task].add((staff, token))
    for task, held in holders.items():
        if len({staff for staff, _ in held}) > 1:
            verdict.add("told twice", f"{task} was held by {' and '.join(sorted(s for s, _ in held))}")


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
            if person.name in text or person.resident_id in text or person.phone in text:
                verdict.add("personal data", f"in {where}")
                break


PROMISES = (judge_answers, judge_effects, judge_end_reports, judge_reports, judge_sms, judge_mails, judge_reminders,
            judge_doubt, judge_next_actions, judge_inbound, judge_reading, judge_watches, judge_late_acts, judge_history, judge_ledger,
            judge_desk, judge_partitions, judge_privacy)


def judge(evidence):
    verdict = Verdict()
    for promise in PROMISES:
        promise(evidence, verdict)
    return verdict
