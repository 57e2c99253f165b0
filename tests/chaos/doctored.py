"""Evidence of nothing at all, to which tests of the judge add what they need."""
import collections
import datetime
import types

import judge_bodies
from desk import Desk
from evidence import Evidence, Verdict
from people import GOOD, Person
from plan import Step

START = datetime.datetime(2026, 5, 4, 9, tzinfo=datetime.timezone.utc)
BODY = "archive@crematorium.example"


def at(seconds):
    return (START + datetime.timedelta(seconds=seconds)).isoformat()


def wall(seconds):
    return START.timestamp() + seconds


class Doctored:
    """Evidence of nothing at all, to which tests add what they need."""

    def __init__(self, lease_s=4):
        self.instance = types.SimpleNamespace(options=types.SimpleNamespace(lease_s=lease_s))
        self.journal = types.SimpleNamespace(spans=[], deaths=[], exits=[], pauses=[], stopped=collections.Counter(),
                                             done=collections.Counter())
        self.tasks = collections.defaultdict(list)
        self.settled = collections.defaultdict(list)
        self.moves = {"intake": [], "referral": [], "notification": []}
        self.deadlocks = {"intake": 0, "referral": 0, "notification": 0}
        self.claims = []
        self.mails, self.unmatched, self.replies, self.referrals = [], [], [], {}
        self.bounces, self.dead_contacts = set(), set()
        self.sms, self.smtp, self.receipts, self.days, self.today = [], [], [], 0, datetime.date(2026, 5, 10)
        self.now = wall(0)
        self.cases, self.messages, self.deliveries, self.reports, self.decisions = {}, {}, {}, [], []
        self.promises, self.said, self.contacts, self.contacts_kept = {}, {}, [], collections.Counter()
        self.papers_kept = collections.Counter()
        self.entries, self.entries_kept = [], collections.Counter()
        self.events = collections.defaultdict(list)
        self.load = types.SimpleNamespace(
            hand_offs={}, referrals={}, replies={}, cancelled=set(), contacts={}, claims={}, done=collections.Counter(), closed=set(),
            inbound={}, filed={}, answer_codes={}, values={}, watches=[], complaints=[],
            window=types.SimpleNamespace(promises={}, kept=set(), gaps={}, received=set()), desk=Desk(None))

    def open_tasks(self, service, *kinds):
        return [task for task in self.tasks[service] if task["kind"] in kinds]

    def happened(self, service, subject, *types_, when=0, summary=""):
        self.events[service] += [{"id": f"e{len(self.events[service]) + number}", "subject": subject, "type": f"{type_}.v1",
                                  "summary": summary, "record_time": at(when)} for number, type_ in enumerate(types_)]

    def events_of(self, service, *types_):
        return collections.Counter(event["subject"] for event in self.events[service] if event["type"] in types_)

    def case(self, name="cases/c", state="IN_PROGRESS", **row):
        self.cases[name] = {"name": name, "state": state, "next_action_time": "then"} | row
        self.load.hand_offs[name] = Person(1, GOOD)
        self.message(f"{name}#received")

    def message(self, event, state="DELIVERED", revision=0):
        name, case = f"messages/{len(self.messages)}", event.partition("#")[0]
        self.messages[name] = {"name": name, "event": event, "case_name": case, "state": state, "revision": revision,
                               "audience": f"{case}/parties/p", "create_time": at(0), "true_until": None}
        return name

    def text(self, message, key="d", to=None, when=0):
        """A text message that the gateway has."""
        self.deliveries[key] = {"id": key, "message": message, "channel": "SMS"}
        to = to or self.load.hand_offs[self.messages[message]["case_name"]].phones[0]
        self.sms.append({"key": key, "to": to, "at": at(when)})

    def referral(self, name="referrals/r", state="SENT", **row):
        ended = state in judge_bodies.NEGATIVE | {"ANSWERED"}
        self.referrals[name] = {"case_name": "cases/c", "state": state, "ended": ended, "connector": "EMAIL",
                                "person_asked": False, "last_safe_day": None, "anchor_day": None, "mail_due": "",
                                "next_action_time": None if ended else "then"} | row
        self.load.referrals[name] = "cases/c"

    def mail(self, id_, subject="协查函", direction="OUT", state="ACCEPTED"):
        self.mails.append({"id": id_, "referral": "referrals/r", "direction": direction, "state": state, "subject": subject,
                           "text": ""})
        if state == "ACCEPTED":
            self.smtp.append({"message_id": f"<{id_}@hall.example>", "at": at(0), "to": BODY, "subject": subject})

    def set(self, what, name, *values, each_s=1):
        """Acknowledged one after the other."""
        self.load.values[what, name] = [(wall(number * each_s), wall(number * each_s + 0.5), value)
                                        for number, value in enumerate(values)]

    def came_back(self, id_="b", **row):
        """A mail of ours: the report of it is in the mailbox and filed."""
        self.bounces.add(f"{id_}@mail.sim")
        self.mails.append({"id": id_, "referral": "referrals/r", "direction": "IN", "state": "ACCEPTED", "subject": "Undelivered",
                           "text": "no such mailbox.", "message_id": f"{id_}@mail.sim"} | row)

    def ids_of_dead(self, service):
        return {move["task_id"] for move in self.moves[service] if move["move"] == "dead"}

    def dead_shown(self, service):
        return Evidence.dead_shown(self, service)

    def attempt(self, task, fence, began, *ends, process=7, service="referral", detail=""):
        for move, time in [("started", began), *((end, began + 0.1) for end in ends)]:
            self.moves[service].append({"task_id": task, "fence": fence, "move": move, "time": at(time), "detail": detail,
                                        "holder": f"{service}@host/{process}/c0ffee/1"})

    def doubtful(self, task, began, *ends, process=7):
        """A mail in doubt, of an attempt that ended so; another noted the doubt."""
        self.attempt(task, 1, began, *ends, process=process)
        self.attempt(task, 2, began + 5, "done", process=99)
        self.mails.append({"id": task, "state": "IN_DOUBT", "referral": "referrals/r", "direction": "OUT"})

    def died(self, process, when, service="referral"):
        self.journal.deaths.append((service, process, wall(when)))

    def step(self, do, began, ended, **how):
        self.journal.spans.append((Step("network", 1, do, how), wall(began), wall(ended)))

    def task(self, service, kind, **row):
        self.tasks[service].append({"kind": kind, "state": "pending", "lane": "desk", "dedupe_key": "", "subject": "", "id": "",
                                    "report": None} | row)


def found(promise, evidence):
    verdict = Verdict()
    promise(evidence, verdict)
    return verdict.violations
