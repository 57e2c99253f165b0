"""Officers at the desk: two take the same tasks off the same lists, and one of them gets each."""
import collections
import random
import time

import grpc

REFUSED = (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.ABORTED)
TASKS = "xixinting.common.v1.TaskService"
REFERRALS = "xixinting.referral.v1.ReferralService"
ENTRIES = "xixinting.referral.v1.EntryService"
MAILS = "xixinting.referral.v1.MailService"
# What is said of a task of each kind; a kind that is not here waits, or is settled by a call of its own.
OUTCOMES = {
    "message.call": ("REACHED", "REACHED", "NOT_REACHED"),
    "message.letter": ("POSTED", "POSTED", "NOT_POSTED"),
    "message.in_doubt": ("RECEIVED", "SEND_AGAIN", "CALL"),
    "referral.carry": ("REACHED", "NO_ANSWER"),
    "referral.cut_off_warning": ("SEEN",),
    "referral.decide_silence": ("KEEP_WAITING", "CALL_INSTEAD", "NO_ANSWER"),
    "referral.mail_trouble": ("SEND_AGAIN", "CALL_INSTEAD", "WAS_SENT"),
    "referral.verify_contact": ("VERIFIED",),
    "referral.stale_contact": ("VERIFIED", "CORRECTED"),
    "channel.still_paused": ("RESUME", "KEEP_PAUSED"),
    "case.act": ("DONE",),
}
READ = ("referral.read_mail", "referral.unmatched_mail")
AT_A_TIME = 2
GIVEN_BACK = 0.12  # of the tasks taken
RESOLVED = 0.3  # of the doubts, without taking the task
LEASE_S = 3590  # an hour, less what an answer takes


class Lease:
    """Of a task, by one officer: theirs for certain from when it was granted until they asked to give it back, if they did."""

    def __init__(self, task, staff, token, granted):
        self.task, self.staff, self.token, self.granted = task, staff, token, granted
        self.until = granted + LEASE_S

    def meets(self, other):
        return max(self.granted, other.granted) < min(self.until, other.until)


class Desk:
    def __init__(self, load):
        self.load = load
        self.leases = []
        # How often it was asked for to give a task back, and how often acknowledged.
        self.asked_back, self.given_back = collections.Counter(), collections.Counter()
        self.asked_anew, self.requeued = collections.Counter(), collections.Counter()  # the same of dead tasks
        self.resolved = collections.Counter()  # "message outcome" -> how often without its task
        self.completed = {}  # task -> (staff, service, kind, subject, outcome)

    def work(self, staff):
        """In the storm: a little of everything."""
        chance = random.Random(f"{self.load.seed}-{staff}")
        while not self.load.ending.is_set():
            for service in ("notification", "referral", "intake"):
                self.load.ending.wait(0.3)
                self.see_to(service, staff, chance, AT_A_TIME, self.load.ending.is_set)

    def see_to(self, service, staff, chance, most, over=lambda: False):
        """Takes at most so many tasks that are due, of any kinds."""
        try:
            listed = self.load.client.once(service, staff, f"{TASKS}/ListTasks", {"lane": "desk", "page_size": 200})
        except grpc.RpcError:
            return
        tasks = [task for task in listed.get("tasks", []) if task["kind"] in OUTCOMES or task["kind"] in READ]
        chance.shuffle(tasks)
        tasks.sort(key=lambda task: task["kind"] in READ)  # there are many mails
        for task in tasks[:most - 1] + tasks[most - 1:][-1:]:
            if over():
                return
            if task["kind"] == "referral.read_mail":
                self.read_mail(staff, task["subject"], chance)
            elif task["kind"] == "referral.unmatched_mail":
                self.file_mail(staff, task["subject"], chance)
            elif task["kind"] == "message.in_doubt" and chance.random() < RESOLVED:
                self.resolve(staff, task["subject"], chance.choice(OUTCOMES["message.in_doubt"]))
            else:
                self.take(service, staff, task, chance.choice(OUTCOMES[task["kind"]]), chance.random() < GIVEN_BACK)

    def take(self, service, staff, task, outcome, gives_back):
        try:  # taking has no request id: taking again renews one's own lease
            answer = self.load.client.once(service, staff, f"{TASKS}/LeaseTask", {"name": task["name"]})
        except grpc.RpcError:
            return
        lease = Lease(task["name"], staff, answer["lease_token"], time.time())
        self.leases.append(lease)
        if gives_back:
            self.give_back(service, lease)
        else:
            self.complete(service, staff, task, lease.token, outcome)

    def give_back(self, service, lease):
        """Without a request id: if no answer comes, it was given back or not."""
        lease.until = time.time()
        with self.load.lock:
            self.asked_back[lease.task] += 1
        try:
            self.load.client.once(service, lease.staff, f"{TASKS}/ReleaseTask", {"name": lease.task, "lease_token": lease.token})
        except grpc.RpcError:
            return
        with self.load.lock:
            self.given_back[lease.task] += 1

    def complete(self, service, staff, task, token, outcome):
        body = {"name": task["name"], "lease_token": token, "outcome": outcome}
        if outcome in ("DONE", "KEEP_WAITING"):
            body["next_action_time"] = self.load.in_days(2)
        if outcome == "NO_ANSWER":
            body["note"] = "多次联系，无人答复"
        call = (service, staff, f"{TASKS}/CompleteTask", body, REFUSED)
        done = (self.load.set("next action", task["subject"], body["next_action_time"], *call) if outcome == "DONE"
                else self.load.call(*call))
        if done is None:
            return
        if task["name"] in self.completed:
            self.load.complain(f"{task['name']} was completed twice, by {self.completed[task['name']][0]} and {staff}")
        self.completed[task["name"]] = (staff, service, task["kind"], task["subject"], outcome)
        if outcome == "DONE":
            self.load.note("next action", task["subject"])

    def requeue(self, service, task):
        """An operator takes it that what a dead task died of is mended. Without a request id."""
        self.asked_anew[task] += 1
        try:
            self.load.client.once(service, "staff/district", f"{TASKS}/RequeueTask", {"name": task})
        except grpc.RpcError:
            return
        self.requeued[task] += 1

    def resolve(self, staff, message, outcome):
        if self.load.call("notification", staff, "xixinting.notification.v1.MessageService/ResolveInDoubt", {
                "name": message, "resolution": f"RESOLUTION_{outcome}"}, REFUSED) is not None:
            with self.load.lock:
                self.resolved[f"{message} {outcome}"] += 1

    def read_mail(self, staff, referral, chance):
        """One of its mails says that the body is at it."""
        try:
            listed = self.load.client.once("referral", staff, f"{ENTRIES}/ListEntries", {"parent": referral, "page_size": 200})
        except grpc.RpcError:
            return
        mails = [entry["name"] for entry in listed.get("entries", [])
                 if entry.get("mail", {}).get("direction") == "DIRECTION_IN"]
        if mails and self.load.call("referral", staff, f"{REFERRALS}/RecordReply", {
                "name": referral, "reply": {"kind": "KIND_ACKNOWLEDGED", "channel": "CHANNEL_EMAIL",
                                            "mail": chance.choice(mails)}}, REFUSED) is not None:
            self.load.note("reply", referral)

    def file_mail(self, staff, mail, chance):
        with self.load.lock:
            known = sorted(self.load.referrals)
        to = chance.choice(known) if known and chance.random() < 0.3 else ""
        what = {"referral": to} if to else {"set_aside_reason": "广告"}
        if self.load.call("referral", staff, f"{MAILS}/FileUnmatchedMail", {"name": mail, **what}, REFUSED) is not None:
            with self.load.lock:
                self.load.filed[mail] = to

    def done_of(self, kind):
        """[(subject, outcome)] of what was completed of a kind."""
        return [(subject, outcome) for _, _, kind_, subject, outcome in self.completed.values() if kind_ == kind]
