"""What is promised of bodies: each mail once, reminders, withdrawals, answers that somebody reads, last days that are told."""
import collections
import datetime
import math

import history
from evidence import LATE_SLACK_S, message_id, names_a_day
from judge_cases import WARNINGS, closings, last_day_was_given_to_people

DAYS_UNTIL_REMINDED = 6  # days of silence after which every body has been reminded, weekends and all
WARNED = ("referral.cut_off_near.v1", "referral.cut_off_passed.v1")
# After one of these nobody need be reminded, or has been.
SAID = {"mail_sent", "mail_refused", "mail_not_written", "mail_in_doubt", "mail_received", "mail_bounced", "replied",
        "state_changed", "attempted"}
NEGATIVE = {"NOT_HELD", "REDIRECTED", "DECLINED", "NO_ANSWER", "CANCELLED"}
WARNED_BEFORE = datetime.timedelta(7)  # the last rung that a campaign of some days meets


def judge_mails(e, verdict):
    """Each mail that a task stands for went out once, or is shown as in doubt."""
    accepted = collections.Counter(message_id(row).partition("@")[0] for row in e.smtp)
    entries = {mail["id"]: mail for mail in e.mails if mail["direction"] != "IN"}
    verdict.counts["mails"] = sum(accepted.values())
    for task_id, count in accepted.items():
        if count > 1:
            verdict.add("told twice", f"mail {task_id} was accepted {count} times")
        if task_id not in entries and task_id not in e.ids_of_dead("referral"):
            verdict.add("untrue", f"the server has mail {task_id}, and no ledger has")
        state = entries.get(task_id, {}).get("state")
        if state in ("REFUSED", "NOT_WRITTEN"):
            verdict.add("untrue", f"mail {task_id} is {state}, and the server has it")
    judge_requests(e, verdict, entries.values(), accepted)


def judge_requests(e, verdict, mails, accepted):
    """A body has each request once, and each withdrawal of what it has; or a person is asked."""
    troubled = {t["subject"] for t in e.open_tasks("referral", "referral.mail_trouble", "referral.carry",
                                                   "referral.dead_task")}
    # Who answered, or had a person decide, may owe and be owed nothing of an earlier mail.
    troubled |= {reply["referral"] for reply in e.replies} | set(e.load.filed.values())
    troubled |= {subject for subject, _ in e.load.desk.done_of("referral.mail_trouble")}
    troubled |= set(e.events_of("referral", "referral.mail_bounced.v1"))  # people speak with the body from then on
    requests, withdrawals = collections.defaultdict(list), collections.defaultdict(list)
    for mail in mails:
        if mail["direction"] == "OUT" and mail["state"] != "NOT_WRITTEN":
            (withdrawals if (mail["subject"] or "").startswith("撤回") else requests)[mail["referral"]].append(mail["state"])
        if mail["state"] == "ACCEPTED" and not accepted[mail["id"]]:
            verdict.add("untrue", f"mail {mail['id']} is ACCEPTED, and the server does not have it")
        if mail["state"] == "IN_DOUBT" and mail["referral"] not in troubled and not e.referrals[mail["referral"]]["ended"]:
            verdict.add("stuck", f"mail {mail['id']} is in doubt, and nobody is asked")
    again = sent_again(e)
    for name, referral in e.referrals.items():
        for what, sent in (("requests", requests[name]), ("withdrawals", withdrawals[name])):
            if len(sent) > 1 + again[name]:
                verdict.add("told twice", f"{name}: {len(sent)} {what} in its ledger")
        if withdrawals[name] and referral["state"] != "CANCELLED":
            verdict.add("untrue", f"{name} is {referral['state']}, and the body was told that it is withdrawn")
        if referral["connector"] != "EMAIL" or name in troubled:
            continue
        if not requests[name] and not referral["ended"]:
            verdict.add("lost", f"{name}: its request is not in its ledger, and nobody is asked")
        if referral["state"] == "CANCELLED" and set(requests[name]) & {"ACCEPTED", "IN_DOUBT"} and not withdrawals[name]:
            verdict.add("lost", f"{name} is withdrawn, and the body has it and is not told")


def judge_withdrawals(e, verdict):
    """A body that an officer speaks with hears from one that its request is withdrawn, or will."""
    carried = {t["id"]: t["subject"] for t in e.settled["referral"] if t["kind"] == "referral.carry"}
    reached = collections.defaultdict(float)
    for move in e.moves["referral"]:
        if move["move"] == "done" and move["detail"] == "REACHED" and move["task_id"] in carried:
            subject = carried[move["task_id"]]
            reached[subject] = max(reached[subject], history.seconds(move["time"]))
    to_carry = {t["subject"] for t in e.open_tasks("referral", "referral.carry")}
    asked, withdrawn = set(), {}
    for event in e.events["referral"]:
        if event["type"] == "referral.state_changed.v1" and event["summary"].endswith("：已送出"):
            asked.add(event["subject"])
        if event["type"] == "referral.mail_bounced.v1":
            asked.discard(event["subject"])
        if event["type"] == "referral.state_changed.v1" and event["summary"].endswith("：已撤回"):
            withdrawn[event["subject"]] = history.seconds(event["record_time"])
    for name in asked & set(withdrawn):
        spoken_with = e.referrals[name]["connector"] == "STAFF"
        if spoken_with and name not in to_carry and reached[name] < withdrawn[name]:
            verdict.add("lost", f"{name} is withdrawn, and nobody tells the body")


def sent_again(e):
    """How often a person decided to send a mail of a referral once more."""
    return collections.Counter(subject for subject, outcome in e.load.desk.done_of("referral.mail_trouble")
                               if outcome == "SEND_AGAIN")


def judge_reminders(e, verdict):
    """Whoever is silent is reminded as often as the ledger says, and whoever has answered is not."""
    referral_of = {code: name for name, code in e.load.answer_codes.items()}
    planned = e.events_of("referral", "referral.reminded.v1")
    asked = e.events_of("referral", "referral.decision_needed.v1")
    known = collections.Counter(m["referral"] for m in e.mails if m["direction"] == "REMINDER")
    waiting = collections.Counter(t["subject"] for t in e.open_tasks("referral", "referral.send_mail"))
    # Whose silence was broken, by a mail that nobody could match at first as well, or decided over.
    broken = {reply["referral"] for reply in e.replies} | set(e.load.filed.values())
    troubled = {subject for subject, _ in e.load.desk.done_of("referral.mail_trouble")}
    broken |= troubled | {subject for subject, _ in e.load.desk.done_of("referral.decide_silence")}
    broken |= set(e.events_of("referral", "referral.attempted.v1"))  # asked by an officer, some days later
    happened = collections.defaultdict(list)
    for event in e.events["referral"]:
        happened[event["subject"]].append(event["type"].split(".")[1])
    again = sent_again(e)
    for name, referral in e.referrals.items():
        if known[name] > planned[name] + again[name]:
            verdict.add("told twice", f"{name}: {known[name]} reminders where {planned[name]} belong")
        if referral["ended"]:
            continue
        if never_said(happened[name], referral["connector"] == "EMAIL" and not waiting[name] and name not in troubled):
            verdict.add("lost", f"{name}: {known[name]} of {planned[name]} reminders, and nothing made one needless")
        if e.days >= DAYS_UNTIL_REMINDED and not planned[name] and not asked[name] and name not in broken:
            verdict.add("lost", f"{name} is silent for {e.days} days, and nobody was reminded or asked")
    for row in e.smtp:
        code = row["subject"].rpartition("[")[2].rstrip("]")
        replied = e.load.replies.get(referral_of.get(code))
        if row["subject"].startswith("催办"):
            verdict.counts["reminders"] += 1
            if replied is not None and history.seconds(row["at"]) > replied + LATE_SLACK_S:
                verdict.add("untrue", f"{referral_of[code]} was reminded {history.seconds(row['at']) - replied:.0f} s "
                                      "after its answer was recorded")


def never_said(events, over):
    """Whether a reminder was arranged, and neither went out nor was made needless by what happened next; if it is the last
    that happened, `over` says whether it should have gone out."""
    due = False
    for event in events:
        if due and event in ("reminded", "decision_needed"):
            return True
        due = event == "reminded" or due and event not in SAID
    return due and over


def judge_inbound(e, verdict):
    """Every mail that came is filed once, word for word."""
    entries = collections.Counter()
    kept = {mail["id"] for mail in e.unmatched}  # also when somebody has filed them with a referral since
    for mail in e.mails:
        if mail["direction"] == "IN" and mail["id"] not in kept and message_id(mail) not in e.bounces:
            entries[mail["referral"], mail["text"].strip().rpartition(" ")[2]] += 1
    loose = collections.Counter(mail["text"].strip().rpartition(" ")[2] for mail in e.unmatched
                                if message_id(mail) not in e.bounces)
    for marker, referral in e.load.inbound.items():
        found = entries.pop((referral, marker), 0) if referral else loose.pop(marker, 0)
        if found == 0:
            verdict.add("lost", f"the mail {marker} to {referral or 'nobody'} is not filed")
        elif found > 1:
            verdict.add("told twice", f"the mail {marker} is filed {found} times")
    for text in [*entries, *loose]:
        verdict.add("untrue", f"a mail is filed that nobody wrote: {str(text)[:120]}")


def judge_bounces(e, verdict):
    """Each mail that came back is filed once, and either ends mail to that body or, once the referral is over, is read. An
    address that is dead is somebody's work until it is verified."""
    filed = collections.defaultdict(set)
    for mail in [*e.mails, *e.unmatched]:
        if message_id(mail) in e.bounces:
            filed[message_id(mail)].add((mail["id"], mail.get("referral")))
    for bounce in e.bounces:
        ids = {id_ for id_, _ in filed[bounce]}
        if len(ids) != 1:
            verdict.add("lost" if not ids else "told twice", f"the bounce {bounce} is filed {len(ids)} times")
    came = collections.defaultdict(set)
    for id_, referral in {mail for mails in filed.values() for mail in mails}:
        came[referral].add(id_)
    ended = e.events_of("referral", "referral.mail_bounced.v1")
    read = {reply["mail"] for reply in e.replies} | {t["dedupe_key"].partition("/")[2]
                                                     for t in e.open_tasks("referral", "referral.read_mail")}
    for referral in set(came) | set(ended):
        if referral and not len(came[referral] - read) <= ended[referral] <= len(came[referral]):
            verdict.add("lost", f"{referral}: {len(came[referral])} mails came back, {ended[referral]} were noted as that, "
                                f"{len(came[referral] & read)} are to be read or were")
    to_verify = {t["dedupe_key"].partition("/")[2] for t in e.open_tasks("referral", "referral.verify_contact")}
    for address in e.dead_contacts ^ to_verify:
        verdict.add("lost" if address in e.dead_contacts else "surplus",
                    f"{address} is {'dead, and nobody verifies it' if address in e.dead_contacts else 'good, and somebody verifies it'}")


def judge_reading(e, verdict):
    """Somebody reads every mail, until what it says is recorded; somebody sees to one that fits no referral, and decides
    over a silence."""
    work = {t["dedupe_key"] for t in e.open_tasks("referral", "referral.read_mail", "referral.unmatched_mail",
                                                  "referral.decide_silence") if t["state"] != "dead"}
    read = {reply["mail"] for reply in e.replies}
    wanted = {f"referral.read_mail/{m['id']}": f"the mail {m['id']} to {m['referral']} came, and nobody reads it"
              for m in e.mails if m["direction"] == "IN" and m["id"] not in read and message_id(m) not in e.bounces}
    wanted |= {f"referral.unmatched_mail/{m['id']}": f"the mail {m['id']} to nobody came, and nobody reads it"
               for m in e.unmatched if not m["filed"]}
    wanted |= {f"referral.decide_silence/{name.partition('/')[2]}": f"{name} is silent, and nobody decides"
               for name, referral in e.referrals.items() if referral["person_asked"] and not referral["ended"]}
    for key, problem in wanted.items():
        if key not in work:
            verdict.add("lost", problem)
    bounced = {f"referral.read_mail/{m['id']}" for m in e.mails if message_id(m) in e.bounces}
    for key in work - set(wanted) - bounced:
        verdict.add("surplus", f"{key} is to be done, and there is nothing to do")


def judge_last_days(e, verdict):
    """Who has a last safe day is warned when it is near, and so is the person, as often as the ledger says."""
    near, passed = (e.events_of("referral", type_) for type_ in WARNED)
    warnings = e.open_tasks("referral", "referral.warn_cut_off")
    to_come, given_up = ({t["subject"] for t in warnings if (t["state"] == "dead") == dead} for dead in (False, True))
    messages = collections.Counter()
    for message in e.messages.values():
        case, _, what = message["event"].partition("#")
        if f"#{what}".startswith(WARNINGS):
            messages[case, "referrals/" + what.split(".")[1]] += 1
    for name, referral in e.referrals.items():
        case = referral["case_name"]
        told = messages.pop((case, name), 0)
        if told > near[name] + passed[name]:
            verdict.add("told twice", f"{name}: {told} messages of its last day, and {near[name]} warnings in its ledger")
        if not referral["last_safe_day"] or referral["state"] in NEGATIVE or e.cases[case]["state"] == "CLOSED":
            continue
        day = datetime.date.fromisoformat(referral["last_safe_day"])
        if not near[name] + passed[name] and name not in given_up and (e.today > day - WARNED_BEFORE or name not in to_come):
            verdict.add("lost", f"{name}: its last safe day is {day}, today is {e.today}, and nobody is warned")
        if near[name] and e.today <= day and not told and not last_day_was_given_to_people(e, name):
            verdict.add("lost", f"{name}: its last safe day is {day}, and the person was not told")
    for case, name in messages:
        verdict.add("surplus", f"{case} was told of a last day of {name}")
    closed = closings(e)
    for event in e.events["referral"]:
        case = e.referrals.get(event["subject"], {}).get("case_name")
        asked_before = history.seconds(event["record_time"]) - e.instance.options.lease_s - LATE_SLACK_S
        if event["type"] in WARNED and asked_before > closed.get(case, math.inf):
            verdict.add("untrue", f"{event['subject']}: {event['type']}, when {case} had been closed")
    states = collections.defaultdict(set)
    for message in e.messages.values():
        of = message["event"].split(".")[1] if names_a_day(message) else message["name"]
        states[f"all words to {message['case_name']} of {of}"].add(message["state"])
    for words, found in states.items():
        if found == {"SUPPRESSED"}:
            verdict.add("lost", f"{words} were withdrawn")
