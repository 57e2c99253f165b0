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

HALL = "halls/110102016"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# How the numbers of the simulated gateway end, and what it makes of them.
INVALID, ABSENT, RELUCTANT, GOOD = "0000", "0001", "0002", "5"
WINDOW, BODY = "window@hall.example", "archive@crematorium.example"


def resident_id(number):
    """A valid GB 11643 number that belongs to nobody."""
    digits = f"11010219{40 + number % 60:02d}0101{number % 1000:03d}"
    return digits + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, digits)) % 11]


class Person:
    def __init__(self, number, fate):
        self.name = "试" + "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in f"{number:06d}")
        self.fate = fate
        self.phone = f"13{5 + number // 10000 % 5}{number % 10000:04d}" + (f"{number // 50000:03d}5" if fate == GOOD else fate)
        self.resident_id = resident_id(number)


class Load:
    def __init__(self, instance, seed, senders):
        self.instance = instance
        self.seed = seed
        self.client = instance.client()
        self.hand_offs = {}  # case -> Person
        self.referrals = {}  # referral -> case
        self.answer_codes = {}  # referral -> code
        self.replies = {}  # referral -> when its answer was acknowledged
        self.contacts = {}  # marker -> case
        self.next_actions = collections.Counter()  # case -> acknowledged
        self.inbound = {}  # marker -> referral, "" for one without code
        self.leases = []  # (task, staff, token, asked, granted)
        self.completed = {}  # task -> staff
        self.complaints = []
        self.latencies = []
        self.ending, self.given_up = threading.Event(), threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.send, args=(i,)) for i in range(senders)]
        self.threads += [threading.Thread(target=self.work_at_desk, args=("staff/wang",)),
                         threading.Thread(target=self.work_at_desk, args=("staff/zhao-li",)),
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

    def send(self, sender):
        chance = random.Random(f"{self.seed}-{sender}")
        number = sender * 20000 + chance.randrange(1000)
        while not self.ending.is_set():
            number += 1
            fate = chance.choices([GOOD, ABSENT, INVALID, RELUCTANT], [82, 7, 4, 7])[0]
            person = Person(number, fate)
            what = chance.random()
            case = self.hand_off(person)
            if case is None:
                continue
            if what < 0.45:
                self.chase(case, person, chance)
            elif what < 0.6:
                self.log_contact(case)
            elif what < 0.75:
                self.set_next_action(case)
            elif what < 0.8:
                self.receive("")
            self.ending.wait(self.instance.options.pause_s)

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
                                  "resident_id": person.resident_id, "phone_number": person.phone}]},
            "hand_off": {"counter": "3 号综合窗口", "reason": "缺火化证明"}})
        if answer is None:
            return None
        with self.lock:
            self.hand_offs[answer["case"]["name"]] = person
        return answer["case"]["name"]

    def chase(self, case, person, chance):
        """A referral; some bodies write back, and some of what they write is recorded as the answer."""
        answer = self.call("referral", "staff/wang", "xixinting.referral.v1.ReferralService/CreateReferral", {"referral": {
            "case_name": case, "hall": HALL, "body": "bodies/babaoshan", "unit": "office",
            "ask": "ASK_ISSUE", "question": "请协助查找火化档案。", "paper_title": "火化证明",
            "connector": "CONNECTOR_EMAIL",
            "lawful_basis": {"kind": "KIND_NEAR_KIN_OF_DECEASED", "purpose": "补办火化证明", "evidence": "联系记录",
                             "data_kinds": ["DATA_KIND_SUBJECT_NAME"]},
            "disclosed": [{"kind": "DATA_KIND_SUBJECT_NAME", "value": person.name}]}})
        if answer is None:
            return
        with self.lock:
            self.referrals[answer["name"]] = case
            self.answer_codes[answer["name"]] = answer["answer_code"]
        if chance.random() < 0.5:
            self.receive(answer["name"])
        if chance.random() < 0.3:
            self.answer(answer["name"])

    def answer(self, referral):
        answered = self.call("referral", "staff/wang", "xixinting.referral.v1.ReferralService/RecordReply", {
            "name": referral, "reply": {"kind": "KIND_ANSWERED", "channel": "CHANNEL_PHONE", "reason": "电话答复"}})
        if answered is not None:
            with self.lock:
                self.replies[referral] = time.time()

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
        answer = self.call("intake", "staff/wang", "xixinting.intake.v1.CaseService/LogContact", {
            "parent": case, "contact": {"channel": "CHANNEL_PHONE", "counterpart": "COUNTERPART_APPLICANT",
                                        "direction": "DIRECTION_OUTBOUND", "result": "RESULT_REACHED",
                                        "summary": f"联系记录 {marker}"}})
        if answer is not None:
            with self.lock:
                self.contacts[marker] = case

    def set_next_action(self, case):
        due = self.instance.business_now() + 2 * 86400
        answer = self.call("intake", "staff/wang", "xixinting.intake.v1.CaseService/SetNextAction", {
            "name": case, "next_action": {"summary": "再次联系", "due_time": rfc3339(due)}})
        if answer is not None:
            with self.lock:
                self.next_actions[case] += 1

    def work_at_desk(self, staff):
        """Two officers take the same calls off the same list; one of them gets each."""
        service = "xixinting.common.v1.TaskService"
        refusals = (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.ABORTED)
        while not self.ending.is_set():
            self.ending.wait(0.7)
            try:
                listed = self.client.once("notification", staff, f"{service}/ListTasks", {"lane": "desk"})
            except grpc.RpcError:
                continue
            for task in [t for t in listed.get("tasks", []) if t["kind"] == "message.call"][:2]:
                if self.ending.is_set():
                    return
                self.take_call(service, staff, task["name"], refusals)

    def take_call(self, service, staff, task, refusals):
        asked = time.time()
        try:  # taking has no request id: taking again renews one's own lease
            lease = self.client.once("notification", staff, f"{service}/LeaseTask", {"name": task})
        except grpc.RpcError:
            return
        with self.lock:
            self.leases.append((task, staff, lease["lease_token"], asked, time.time()))
        done = self.call("notification", staff, f"{service}/CompleteTask", {
            "name": task, "lease_token": lease["lease_token"], "outcome": "REACHED"}, refusals)
        if done is not None:
            with self.lock:
                if task in self.completed:
                    self.complaints.append(f"{task} was completed twice, by {self.completed[task]} and {staff}")
                self.completed[task] = staff


def hash_of(text):
    return sum(text.encode())


def rfc3339(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
