"""What is promised of cases: what was said last stands, the person is told, and what was promised to them is kept or shown."""
import collections

import history
from evidence import LATE_SLACK_S, same_count, same_set
from people import digits_of

CLOCKS_DIFFER_S = 3600  # what a replica's clock is ahead at most
SEEN_WITHIN_S = 90  # before the end of a campaign; what is due later than that need not have been seen
WARNINGS = ("#cut-off.", "#last-day.")  # in the events of messages
# What sets the next action of a case, beside officers who say so; a message, if nobody was reached.
SETS_NEXT_ACTION = {"case.closure_proposed.v1", "case.closure_returned.v1", "case.closed.v1", "case.referral_answered.v1",
                    "case.referral_ended.v1", "case.referral_taken_back.v1", "case.route_sheet_ready.v1", "case.cut_off_near.v1",
                    "case.cut_off_passed.v1"}
NOT_REACHED, TELL_OTHERWISE = "未联系上", "另想办法告知"


def given_to_people(e):
    """The events that the machine gave up to tell: a person was given each."""
    events = {t["dedupe_key"].removeprefix("case.tell/") for t in e.open_tasks("intake", "case.tell") if t["state"] == "dead"}
    for task in e.open_tasks("referral", "referral.report_case"):
        case, id_ = e.referrals[task["subject"]]["case_name"], task["subject"].partition("/")[2]
        if task["state"] == "dead" and task["report"] == "ANSWERED":
            events.add(f"{case}#referral-answered.{id_}")
        if task["state"] == "dead" and task["report"] == "ROUTE_SHEET":
            events.add(f"{case}#route-sheet.{id_}.{task['route_sheet']}")
    return events


def last_day_was_given_to_people(e, referral):
    """Whether that goes for words of its last safe day."""
    case, id_ = e.referrals[referral]["case_name"], referral.partition("/")[2]
    words = tuple(f"{case}{warning}{id_}." for warning in WARNINGS)
    return any(event.startswith(words) for event in given_to_people(e)) or any(
        task["subject"] == referral and task["state"] == "dead" and task["report"] in ("CUT_OFF_NEAR", "CUT_OFF_PASSED")
        for task in e.open_tasks("referral", "referral.report_case"))


def closings(e):
    """case -> when it was closed."""
    return {event["subject"]: history.seconds(event["record_time"]) for event in e.events["intake"]
            if event["type"] == "case.closed.v1"}


def judge_told(e, verdict):
    """Each acknowledged request that the person must hear of became one message, and nothing else did."""
    load = e.load
    events = collections.Counter(message["event"] for message in e.messages.values()
                                 if not any(warning in message["event"] for warning in WARNINGS))
    wanted = collections.Counter(f"{case}#received" for case in load.hand_offs)
    wanted.update(f"{case}#closed" for case in load.closed)
    wanted.update(f"{case}#checklist.1" for what, case in load.done if what == "checklist")
    wanted.update(f"{load.referrals[r]}#referral-answered.{r.partition('/')[2]}" for r in load.replies if r in load.referrals)
    for (what, referral), times in load.done.items():
        if what == "route sheet":
            wanted.update(f"{load.referrals[referral]}#route-sheet.{referral.partition('/')[2]}.{version}"
                          for version in range(1, times + 1))
    excused = given_to_people(e)
    excused |= left_for_the_closing(e, [event for event in wanted if not events[event] and event not in excused])
    for event in excused & set(wanted):
        events[event] = max(events[event], 1)
    same_count(verdict, "messages", wanted, events)


def left_for_the_closing(e, missing):
    """Those of the missing events that the closing said: their turn came when the case had been closed."""
    closed = closings(e)
    straddling = collections.Counter(
        t["subject"] for t in e.settled["intake"]
        if t["kind"] == "case.tell" and history.seconds(t["create_time"]) < closed.get(t["subject"], 0)
        and history.seconds(t["settle_time"]) > closed[t["subject"]] - LATE_SLACK_S)
    left = set()
    for event in missing:
        case, _, what = event.partition("#")
        if what.startswith(("received", "checklist.")) and straddling[case]:
            straddling[case] -= 1
            left.add(event)
    return left


def last_values(said):
    """Those that may have been set last: no other was asked for when they had been answered."""
    return {value for _, answered, value in said if not any(asked > answered for asked, _, _ in said)}


def is_as_said(events):
    """Whether the next action of a case, of which these are the events, is what an officer said last."""
    said, words = False, ""
    for event in events:
        if event["type"] == "case.next_action_set.v1":
            said, words = True, event["summary"]
        elif event["type"] in SETS_NEXT_ACTION:
            said = False
        elif event["type"] == "case.message_reported.v1" and (NOT_REACHED in event["summary"] or TELL_OTHERWISE in words):
            said = False
    return said


def judge_values(e, verdict):
    """Of what may be set again and again, what was acknowledged last stands."""
    def compare(what, name, found, read=lambda value: value):
        said = {read(value) for value in last_values(e.load.values.get((what, name), []))}
        if said and found not in said:
            verdict.add("lost", f"{name}: its {what} is {found}, and was set to {' or '.join(map(str, sorted(said)))}")

    happened = collections.defaultdict(list)
    for event in e.events["intake"]:
        happened[event["subject"]].append(event)
    for name, case in e.cases.items():
        if is_as_said(happened[name]):
            compare("next action", name, history.seconds(case["next_action_time"]), history.seconds)
    for name, referral in e.referrals.items():
        compare("cut-off", name, referral["anchor_day"])
    for name, case in e.said.items():
        compare("outcome", name, case.get("outcome", {}).get("text"))
        for party in case["parties"]:
            compare("phone", party["name"], digits_of(party.get("phone_number", "")))


def judge_papers(e, verdict):
    """Each that was found missing is listed, and those that were received say so, and no others."""
    papers = {case: said.get("papers", []) for case, said in e.said.items()}
    for title, case in e.load.window.gaps.items():
        if title not in [paper["title"] for paper in papers[case]]:
            verdict.add("lost", f"{case}: that {title} is missing was acknowledged, and it does not say so")
    same_set(verdict, "received paper", e.load.window.received,
             {paper["name"] for listed in papers.values() for paper in listed if paper["state"] == "STATE_RECEIVED"})
    same_count(verdict, "papers listed", collections.Counter({case: e.papers_kept[case] for case in papers}),
               collections.Counter({case: len(listed) for case, listed in papers.items()}))


def judge_recipients(e, verdict):
    """Whoever is told something is told it under the number that is right."""
    corrections = {party: len(said) for (what, party), said in e.load.values.items() if what == "phone"}
    unsure = {t["subject"] for t in e.open_tasks("intake", "case.correct_recipient")}  # a person has it, if it is dead
    untold = given_to_people(e)  # what of them got through, did so at some time
    for message in e.messages.values():
        party = message["audience"]
        known, wanted = int(message["revision"] or 0), corrections.get(party, 0)
        if known > wanted:
            verdict.add("surplus", f"{message['name']} knows {known} corrections of {party}, of {wanted}")
        open_ = message["state"] in ("SENDING", "HANDED_TO_STAFF", "IN_DOUBT")
        if open_ and known < wanted and party not in unsure and message["event"] not in untold:
            verdict.add("lost", f"{message['name']} is {message['state']}, and knows {known} of {wanted} corrections of {party}")
    judge_numbers(e, verdict, unsure, untold)


def judge_numbers(e, verdict, unsure, untold):
    """Of text messages: a number that is the person's; the right one, if sending began when it had been made known."""
    heard, begun = {}, {}
    for task in e.settled["intake"]:
        if task["kind"] == "case.correct_recipient":
            heard[task["subject"]] = max(heard.get(task["subject"], 0), history.seconds(task["settle_time"]))
    for move in e.moves["notification"]:
        if move["move"] == "started":
            at = history.seconds(move["time"])
            begun[move["task_id"]] = min(begun.get(move["task_id"], at), at)
    for row in e.sms:
        message = e.messages.get(e.deliveries.get(row["key"], {}).get("message"))
        person = message and e.load.hand_offs.get(message["case_name"])
        if not person:
            continue
        to, party = digits_of(row["to"]), message["audience"]
        right = last_values(e.load.values.get(("phone", party), []))
        if to not in person.phones:
            verdict.add("untrue", f"the text message {row['key']} went to a number that was never {party}'s")
        elif (right and to not in right and party not in unsure and message["event"] not in untold
              and begun.get(row["key"], 0) > heard.get(party, float("inf")) + LATE_SLACK_S):
            verdict.add("untrue", f"the text message {row['key']} went to a number that {party} had been corrected from")


def judge_promises(e, verdict):
    """Each that was made is kept, or broken at its time and somebody's work; or its time has not come."""
    made, kept = e.load.window.promises, e.load.window.kept
    same_set(verdict, "promise", set(made), set(e.promises))
    same_set(verdict, "kept promise", kept, {name for name, row in e.promises.items() if row["state"].startswith("KEPT")})
    due = {t["subject"]: t["state"] for t in e.open_tasks("intake", "promise.due")}
    work = {t["subject"] for t in e.open_tasks("intake", "promise.broken")}
    for name, row in e.promises.items():
        when = history.seconds(row["due_time"])
        if name in made and when != history.seconds(made[name][1]):
            verdict.add("lost", f"{name} is due at {row['due_time']}, and was made for {made[name][1]}")
        if row["state"] == "OPEN" and name not in due:
            verdict.add("no next action", f"{name} is open, and has no timer")
        elif row["state"] == "OPEN" and when <= e.now - SEEN_WITHIN_S and due[name] != "dead":
            verdict.add("stuck", f"{name} was due at {row['due_time']}, and is open")
        if row["state"] == "BROKEN" and when > e.now + CLOCKS_DIFFER_S:
            verdict.add("untrue", f"{name} is broken, and not due before {row['due_time']}")
        if (row["state"] == "BROKEN") != (name in work):
            verdict.add("no next action" if row["state"] == "BROKEN" else "surplus",
                        f"{name} is {row['state']}, and {'somebody' if name in work else 'nobody'} is to make it good")
        if row["state"] != "OPEN" and due.get(name, "dead") != "dead":
            verdict.add("surplus", f"{name} is {row['state']}, and still has a timer")
    versions = collections.Counter()
    for row in e.promises.values():
        versions[row["case_name"]] += row["version"]
    told = e.events_of("intake", "promise.made.v1", "promise.kept.v1", "promise.broken.v1")
    same_count(verdict, "events of its promises", versions, told)
