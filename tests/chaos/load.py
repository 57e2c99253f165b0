"""Requests that are repeated under the same id until they are answered."""
import json
import random
import subprocess
import threading
import uuid

from instance import PRESET, ROOT

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
WORTH_REPEATING = {1, 7}  # xxt: other (an unknown outcome), unavailable or deadline


def resident_id(number):
    """A valid GB 11643 number that belongs to nobody."""
    digits = f"11010219{40 + number % 60:02d}0101{number % 1000:03d}"
    return digits + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, digits)) % 11]


class Person:
    def __init__(self, number):
        self.name = f"试者{number:06d}"
        self.phone = f"138{10000000 + number * 10 + 5:08d}"
        self.resident_id = resident_id(number)


class Load:
    """Senders at once; what was acknowledged is in `hand_offs` and `referrals`."""

    SENDERS = 8  # more than the commits intake has under way, so that some share one

    def __init__(self, instance, seed):
        self.instance = instance
        self.seed = seed
        self.hand_offs = {}  # case name -> Person
        self.referrals = {}  # referral name -> case name
        self.complaints = []
        self.ending = threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.send, args=(i,)) for i in range(self.SENDERS)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()

    def call(self, who, method, body):
        """The answer; repeats with the same request id for as long as it takes."""
        body = dict(body, request_id=str(uuid.uuid4()))
        command = [ROOT / f"build/{PRESET}/tools/xxt/xxt", "--context", self.instance.dir / "xxt.yaml", "--as", who, "-o",
                   "json", "--timeout", "3s", "api", "call", method, "-d", json.dumps(body, ensure_ascii=False)]
        for _ in range(400):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return json.loads(done.stdout)
            if done.returncode not in WORTH_REPEATING:
                break
        with self.lock:
            self.complaints.append(f"{method} was not answered: exit {done.returncode}: {done.stderr[-300:]}")
        return None

    def send(self, sender):
        chance = random.Random(f"{self.seed}-{sender}")
        number = sender * 100000 + chance.randrange(1000)
        while not self.ending.is_set():
            number += 1
            person = Person(number)
            case = self.hand_off(person)
            if case and chance.random() < 0.4:
                self.refer(case, person)

    def hand_off(self, person):
        answer = self.call("staff/chen", "xixinting.intake.v1.CaseService/HandOffFromCounter", {
            "case": {"title": "火化证明遗失", "hall": "halls/110102016", "service_item": "丧葬费申领",
                     "parties": [{"role": "ROLE_APPLICANT", "display_name": person.name,
                                  "resident_id": person.resident_id, "phone_number": person.phone}]},
            "hand_off": {"counter": "3 号综合窗口", "reason": "缺火化证明"}})
        if answer is None:
            return None
        with self.lock:
            self.hand_offs[answer["case"]["name"]] = person
        return answer["case"]["name"]

    def refer(self, case, person):
        answer = self.call("staff/wang", "xixinting.referral.v1.ReferralService/CreateReferral", {"referral": {
            "case_name": case, "hall": "halls/110102016", "body": "bodies/babaoshan", "unit": "office",
            "ask": "ASK_ISSUE", "question": "请协助查找火化档案。", "paper_title": "火化证明",
            "connector": "CONNECTOR_EMAIL",
            "lawful_basis": {"kind": "KIND_NEAR_KIN_OF_DECEASED", "purpose": "补办火化证明", "evidence": "联系记录",
                             "data_kinds": ["DATA_KIND_SUBJECT_NAME"]},
            "disclosed": [{"kind": "DATA_KIND_SUBJECT_NAME", "value": person.name}]}})
        if answer is not None:
            with self.lock:
                self.referrals[answer["name"]] = case
