"""Requests that are repeated under the same id until they are answered, mails that come in, people at the desk.

What was acknowledged is kept here, and nothing else: the judge asks the databases and ledgers for the rest.
"""
import collections
import datetime
import random
import threading
import time
import uuid

import grpc

from client import Refused, Watch
from desk import Desk
from people import ABSENT, GOOD, INVALID, RELUCTANT, Person
from window import Window

HALL = "halls/110102016"
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
OVER = (grpc.StatusCode.FAILED_PRECONDITION,)  # somebody else, or a clock, was quicker
WINDOW, BODY = "window@hall.example", "archive@crematorium.example"
DEAD = "records@hospital.example"  # in the directory; all mail to it bounces
# Whom a case asks, by which connector, and of how many in a hundred.
ASKED = {("bodies/babaoshan", "office", "EMAIL"): 77, ("bodies/babaoshan", "office", "STAFF"): 15,
         ("bodies/taoranting-hospital", "records", "EMAIL"): 8}
NO_MAIL_TO_IT = (grpc.StatusCode.INVALID_ARGUMENT,)  # until somebody has verified an address that bounced


# What becomes of cases, and of how many in a hundred.
DEEDS = {"chase": 45, "log_contact": 6, "set_next_action": 8, "receive_stray": 4, "issue_checklist": 9, "close_case": 9,
         "promise": 6, "correct": 6, "confirm": 3, "find_gap": 2, "nothing": 2}


class Load:
    def __init__(self, instance, seed, senders):
        self.instance = instance
        self.seed = seed
        self.client = instance.client()
        self.hand_offs = {}  # case -> Person
        self.parties = {}  # case -> its party
        self.referrals = {}  # referral -> case
        self.answer_codes = {}  # referral -> code
        self.replies = {}  # referral -> when its answer was acknowledged
        self.cancelled = set()
        self.contacts = {}  # marker -> case
        self.claims = {}  # marker -> referral
        # What was acknowledged of what may be done again and again: (what, case or referral) -> times.
        self.done = collections.Counter()
        # What was set again and again: (what, name) -> [(asked, answered, value)].
        self.values = collections.defaultdict(list)
        self.closed = set()
        self.inbound = {}  # marker -> referral, "" for one without code
        self.filed = {}  # unmatched mail -> referral, "" if it was set aside
        self.complaints = []
        self.latencies = []
        self.ending, self.given_up = threading.Event(), threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.send, args=(i,)) for i in range(senders)]
        self.desk, self.window = Desk(self), Window(self)
        self.threads += [threading.Thread(target=self.desk.work, args=("staff/wang",)),
                         threading.Thread(target=self.desk.work, args=("staff/zhao-li",)),
                         threading.Thread(target=self.bring_mail)]
        self.watches = [Watch(self.client, "intake", "staff/district", "xixinting.intake.v1.CaseService/WatchCases"),
                        Watch(self.client, "intake", "staff/wang", "xixinting.intake.v1.CaseService/WatchCases"),
                        Watch(self.client, "referral", "staff/district",
                              "xixinting.referral.v1.ReferralService/WatchReferrals")]

    def start(self):
        for watch in self.watches:
            watch.start()
        for watch in self.watches:
            if not watch.listening.wait(30):
                self.complain(f"{watch.name_} does not start")
        self.rule = self.make_rule()
        self.instance.http("mail", "/control", {"bounces": [DEAD]})
        for thread in self.threads:
            thread.start()

    def stop(self, within_s=60):
        """Lets what is under way be answered; what is not by then is a complaint of its own."""
        self.ending.set()
        deadline = time.monotonic() + within_s
        for thread in self.threads:
            thread.join(max(0.1, deadline - time.monotonic()))
        self.given_up.set()
        for thread in self.threads:
            thread.join(15)

    def close(self):
        for watch in self.watches:
            watch.stop()
            self.complaints += watch.complaints
        self.client.close()

    def complain(self, what):
        with self.lock:
            self.complaints.append(what)

    def call(self, service, caller, method, body, expected=()):
        """The answer; None if it was refused with one of `expected`, or at all, which is complained of."""
        body = dict(body, request_id=str(uuid.uuid4()))
        asked = time.monotonic()
        try:
            answer = self.client.until_answered(service, caller, method, body, self.given_up)
        except Refused as refused:
            if refused.code not in expected:
                self.complain(f"{method} was refused: {refused}")
            return None
        except TimeoutError:
            self.complain(f"{method} was not answered")
            return None
        with self.lock:
            self.latencies.append(time.monotonic() - asked)
        return answer

    def set(self, what, name, value, *call):
        """A call that sets something of `name` to `value`; its answer."""
        asked = time.time()
        answer = self.call(*call)
        if answer is not None:
            with self.lock:
                self.values[what, name].append((asked, time.time(), value))
        return answer

    def cases_with_words(self):
        """Of which more was said than a list shows."""
        cases = {party.rpartition("/parties/")[0] for what, party in self.values if what == "phone"}
        cases |= {paper.rpartition("/papers/")[0] for paper in self.window.received}
        return sorted(cases | {case for what, case in self.values if what == "outcome"} | set(self.window.gaps.values()))

    def send(self, sender):
        chance = random.Random(f"{self.seed}-{sender}")
        number = sender * 20000 + chance.randrange(1000)
        while not self.ending.is_set():
            number += 1
            fate = chance.choices([GOOD, ABSENT, INVALID, RELUCTANT], [82, 7, 4, 7])[0]
            person = Person(number, fate)
            deed = chance.choices(list(DEEDS), list(DEEDS.values()))[0]
            case = self.hand_off(person)
            if case is not None:
                self.do(deed, case, person, chance)
                self.ending.wait(self.instance.options.pause_s)

    def do(self, deed, case, person, chance):
        if deed == "chase":
            self.chase(case, person, chance)
        elif deed == "set_next_action":
            self.set_next_action(case, chance)
        elif deed == "receive_stray":
            self.receive("")
        elif deed == "close_case":
            self.close_case(case, chance.random() < 0.3)
        elif deed in ("promise", "correct"):
            getattr(self.window, deed)(case, chance)
        elif deed in ("confirm", "find_gap"):
            getattr(self.window, deed)(case)
        elif deed != "nothing":
            getattr(self, deed)(case)

    def burst(self, seed, count):
        """Some cases and referrals, one after the other."""
        self.given_up.clear()
        chance = random.Random(f"{self.seed}-burst-{seed}")
        for number in range(count):
            person = Person(900000 + hash_of(seed) % 90 * 1000 + number, GOOD)
            case = self.hand_off(person)
            if case is not None and number % 2:
                self.chase(case, person, chance)

    def hand_off(self, person):
        answer = self.call("intake", "staff/chen", "xixinting.intake.v1.CaseService/HandOffFromCounter", {
            "case": {"title": "火化证明遗失", "hall": HALL, "service_item": "丧葬费申领",
                     "parties": [{"role": "ROLE_APPLICANT", "display_name": person.name,
                                  "resident_id": person.resident_id, "phone_number": person.phones[0]}]},
            "hand_off": {"counter": "3 号综合窗口", "reason": "缺火化证明"}})
        if answer is None:
            return None
        with self.lock:
            self.hand_offs[answer["case"]["name"]] = person
            self.parties[answer["case"]["name"]] = answer["case"]["parties"][0]["name"]
        return answer["case"]["name"]

    def chase(self, case, person, chance):
        """A referral, by mail or by an officer; some bodies write back, and some of what they write is recorded as the answer.
        Some have a last day, which may be corrected, or a route sheet, and some are withdrawn."""
        body, unit, connector = chance.choices(list(ASKED), list(ASKED.values()))[0]
        known = body == "bodies/babaoshan"
        consent = self.log_contact(case)
        if consent is None:
            return
        answer = self.call("referral", "staff/wang", "xixinting.referral.v1.ReferralService/CreateReferral", {"referral": {
            "case_name": case, "hall": HALL, "body": body, "unit": unit,
            "ask": "ASK_ISSUE", "question": "请协助查找火化档案。", "paper_title": "火化证明",
            "connector": f"CONNECTOR_{connector}",
            "lawful_basis": {"kind": "KIND_NEAR_KIN_OF_DECEASED", "purpose": "补办火化证明", "recorded_in": consent,
                             "data_kinds": ["DATA_KIND_SUBJECT_NAME"]},
            "disclosed": [{"kind": "DATA_KIND_SUBJECT_NAME", "value": person.name}]}}, () if known else NO_MAIL_TO_IT)
        if answer is None:
            return
        with self.lock:
            self.referrals[answer["name"]] = case
            self.answer_codes[answer["name"]] = answer["answer_code"]
        if chance.random() < 0.5:
            self.receive(answer["name"])
        if chance.random() < 0.15:
            self.write_down(answer["name"])
        for _ in range(chance.choice([0, 0, 1, 2]) if known else 0):
            self.set_cut_off(answer["name"], chance.randrange(1, 7))
        if chance.random() < 0.3:
            self.issue_route_sheet(answer["name"], unit)
        end = chance.random()
        if end < 0.3:
            self.answer(answer["name"])
        elif end < 0.4:
            self.cancel(answer["name"])

    def in_days(self, days):
        return rfc3339(self.instance.business_now() + days * 86400)

    def note(self, what, name):
        with self.lock:
            self.done[what, name] += 1

    def answer(self, referral, expected=()):
        """A body's answer by telephone."""
        answered = self.call("referral", "staff/wang", "xixinting.referral.v1.ReferralService/RecordReply", {
            "name": referral, "reply": {"kind": "KIND_ANSWERED", "channel": "CHANNEL_PHONE", "reason": "电话答复"}},
            expected)
        if answered is not None:
            self.note("reply", referral)
            with self.lock:
                self.replies[referral] = time.time()

    def cancel(self, referral, expected=()):
        if self.call("referral", "staff/wang", "xixinting.referral.v1.ReferralService/CancelReferral", {
                "name": referral, "reason": "当事人自己找到了"}, expected) is not None:
            with self.lock:
                self.cancelled.add(referral)

    def make_rule(self):
        """What the last days of all referrals rest on."""
        return self.call("referral", "staff/wang", "xixinting.referral.v1.RuleNoteService/CreateRuleNote", {
            "parent": "bodies/babaoshan", "rule_note": {"service_item": "补办火化证明", "text": "十日内补办。", "source": "来电",
                                                         "period": "P10D", "anchor": "受理之日"}})["name"]

    def set_cut_off(self, referral, days_ago):
        day = datetime.datetime.fromtimestamp(self.instance.business_now(), SHANGHAI) - datetime.timedelta(days_ago)
        anchor = day.date().isoformat()
        if self.set("cut-off", referral, anchor, "referral", "staff/wang", "xixinting.referral.v1.ReferralService/SetCutOff", {
                "name": referral, "rule_note": self.rule,
                "anchor_day": {"year": day.year, "month": day.month, "day": day.day}}) is not None:
            self.note("cut-off", referral)

    def issue_route_sheet(self, referral, unit):
        sheet = self.call("referral", "staff/wang", "xixinting.referral.v1.RouteSheetService/IssueRouteSheet", {
            "parent": referral, "route_sheet": {"steps": [{"title": "到档案窗口补办火化证明", "unit": unit,
                                                           "bring": ["申请人身份证"]}]}})
        if sheet is not None:
            self.note("route sheet", referral)

    def write_down(self, referral):
        """What somebody at the body said."""
        marker = str(uuid.uuid4())
        if self.call("referral", "staff/wang", "xixinting.referral.v1.EntryService/CreateEntry", {
                "parent": referral, "entry": {"claim": {"said_by": "对方窗口", "said_to": "本窗口", "text": f"说法 {marker}"}}},
                OVER) is not None:
            self.note("entry", referral)
            with self.lock:
                self.claims[marker] = referral

    def receive(self, referral):
        """Puts a mail into the window's mailbox."""
        marker = str(uuid.uuid4())
        subject = f"Re: 协查函 [{self.answer_codes[referral]}]" if referral else "咨询"
        try:
            self.instance.http("mail", f"/mailbox/{WINDOW}", {
                "from": BODY, "subject": subject, "text": f"来信 {marker}", "charset": "gb18030"})
        except OSError:
            return  # it never was in the mailbox
        with self.lock:
            self.inbound[marker] = referral

    def bring_mail(self):
        """Mail comes whether or not anybody can take it."""
        chance = random.Random(f"{self.seed}-mail")
        while not self.ending.wait(0.4):
            with self.lock:
                known = sorted(self.answer_codes)
            self.receive(chance.choice(known) if known and chance.random() < 0.5 else "")

    def log_contact(self, case):
        marker = str(uuid.uuid4())
        answer = self.call("intake", "staff/wang", "xixinting.intake.v1.ContactService/LogContact", {
            "parent": case, "contact": {"channel": "CHANNEL_PHONE", "counterpart": "COUNTERPART_APPLICANT",
                                        "direction": "DIRECTION_OUTBOUND", "result": "RESULT_REACHED",
                                        "summary": f"联系记录 {marker}"}})
        if answer is None:
            return None
        with self.lock:
            self.contacts[marker] = case
        return answer["name"]

    def set_next_action(self, case, chance):
        for days in chance.sample(range(1, 9), chance.choice([1, 2, 3])):
            due = self.in_days(days)
            if self.set("next action", case, due, "intake", "staff/wang", "xixinting.intake.v1.CaseService/SetNextAction", {
                    "name": case, "next_action": {"summary": "再次联系", "due_time": due}}) is not None:
                self.note("next action", case)

    def issue_checklist(self, case):
        told = self.call("intake", "staff/wang", "xixinting.intake.v1.PaperService/IssueChecklist", {
            "parent": case, "papers": [{"title": title, "source": "办事指南"} for title in ("火化证明", "户口本")]})
        if told is not None:
            self.note("checklist", case)
            self.window.receive(case, told["papers"])

    def close_case(self, case, returned_first=False):
        """The person withdraws; a colleague agrees, perhaps not at once. To a replica whose clock is behind, the person
        was told before the case was opened, and to one that does not know yet that a referral is over it is not."""
        told_in = self.log_contact(case)
        for decision in ["DECISION_RETURN"] * returned_first + ["DECISION_APPROVE"]:
            if told_in is None or self.call("intake", "staff/wang", "xixinting.intake.v1.ClosingService/ProposeClosure", {
                    "name": case, "closure": {"resolution": "RESOLUTION_WITHDRAWN", "explanation": "当事人撤回，已说明可再来。",
                                              "told_in": told_in}}, OVER) is None:
                return
            self.note("closure proposed", case)
            if self.call("intake", "staff/zhao-li", "xixinting.intake.v1.ClosingService/ReviewClosure", {
                    "name": case, "decision": decision, "comment": "请再问一次家属"}, OVER) is None:
                return
            self.note("closure returned" if decision == "DECISION_RETURN" else "closed", case)
        with self.lock:
            self.closed.add(case)


def hash_of(text):
    return sum(text.encode())


def rfc3339(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
