"""What a body of bodies.py knows and owes: its cases, their stages, its state on disk. Not a program."""
import collections
import datetime
import email
import email.policy
import hashlib
import json
import os
import re
import uuid
from email.utils import parseaddr

import simlib

EMPTY = {"uid_validity": 0, "last_uid": 0, "seen": [], "cases": {},
         "silent": False, "reply_without_code": False, "vars": {}}


class Body:
    def __init__(self, script, account, state_file):
        self.stages, self.vars = script["stages"], script.get("vars") or {}
        self.code = re.compile(script["code"])
        for stage in self.stages:
            if stage["trigger"] not in ("inquiry", "reminder", "previous"):
                raise SystemExit(f"stage {stage['name']}: trigger is inquiry, reminder or previous")
        self.account, self.state_file = account, state_file
        self.counters = collections.Counter(mails=0, copies=0, without_code=0, sent=0, refused=0, unsent=0,
                                            unknown=0, imap_errors=0)
        self.state = json.loads(json.dumps(EMPTY))
        if os.path.exists(state_file):
            with open(state_file, encoding="utf-8") as file:
                self.state.update(json.load(file))

    def save(self):
        simlib.write_file(self.state_file, simlib.dumps(self.state).encode())

    @property
    def last_uid(self):
        return self.state["last_uid"]

    def mailbox_is(self, uid_validity):
        if self.state["uid_validity"] != uid_validity:  # A new mailbox: read it from its start.
            self.state.update(uid_validity=uid_validity, last_uid=0)
            self.save()

    def receive(self, uid, data, now):
        """Files one mail. The state is saved before the mail is marked as seen."""
        parsed = email.message_from_bytes(data, policy=email.policy.default)
        message_id = str(parsed.get("Message-ID", "")).strip() or f"<{hashlib.sha256(data).hexdigest()}@none>"
        subject = " ".join(str(parsed.get("Subject", "")).split())
        code = self.code.search(subject)
        self.counters["mails"] += 1
        if message_id in self.state["seen"]:
            self.counters["copies"] += 1
        elif not code or str(parsed.get("Auto-Submitted", "")).startswith("auto-replied"):
            self.counters["without_code"] += 1
        else:
            mail = {"at": now, "message_id": message_id, "references": str(parsed.get("References", ""))}
            sender = parseaddr(str(parsed.get("Reply-To") or parsed.get("From", "")))[1]
            case = self.state["cases"].get(code[1])
            if not case:
                case = {"to": sender, "subject": subject, "mails": [], "due_now": None,
                        "vars": self.values(code[1], now), "stages": []}
                self.state["cases"][code[1]] = case
            case["mails"].append(mail)
        self.state["seen"].append(message_id)
        self.state["last_uid"] = uid
        self.save()

    def values(self, code, now):
        today = datetime.datetime.fromtimestamp(now).date()
        digits = int.from_bytes(hashlib.sha256(code.encode()).digest()[:4], "big") % 1000000
        values = {"code": code, "digits": f"{digits:06}", "today": today.isoformat(), "year": str(today.year)}
        for name, value in self.vars.items():
            if isinstance(value, dict):
                values[name] = (today - datetime.timedelta(days=value["days_ago"])).isoformat()
            else:
                values[name] = str(value).format_map(values)
        return values

    def plan(self, case):
        """(due time or None, the mail that triggers it) of every stage, in order."""
        ready, mail, used, plan = None, case["mails"][0], 0, []  # ready: the stage before was answered, or will be
        for index, stage in enumerate(self.stages):
            if stage["trigger"] == "previous":
                start = ready
            else:
                if stage["trigger"] == "reminder":
                    used += 1
                mail = case["mails"][used] if used < len(case["mails"]) else None
                # A stage waits for the one before.
                start = max(mail["at"], ready or 0) if mail and (ready is not None or not index) else None
            due = None if start is None else start + stage.get("after_s", 0)
            if case["due_now"] is not None:
                due = case["due_now"] if due is None else min(due, case["due_now"])
            mail = mail or case["mails"][-1]  # None when answer_now outruns the reminder.
            plan.append((due, mail))
            answered = case["stages"][index]["at"] if index < len(case["stages"]) else None
            ready = due if answered is None else answered
        return plan

    def next_reply(self, now):
        """The next reply that is due, noted as perhaps sent before it is; None if none is."""
        if self.state["silent"]:
            return None
        for code, case in self.state["cases"].items():
            number = sum(stage["state"] != "sending" for stage in case["stages"])
            if number == len(self.stages):
                continue
            due, mail = self.plan(case)[number]
            if due is None or due > now:
                continue
            if number == len(case["stages"]):
                message_id = f"<{uuid.uuid4()}@{self.account.rpartition('@')[2]}>"
                case["stages"].append({"state": "sending", "maybe_sent": False, "at": None, "message_id": message_id})
            done = case["stages"][number]
            reply = {"code": code, "number": number, "to": case["to"], "message_id": done["message_id"],
                     "maybe_sent": done["maybe_sent"], "content": self.write(case, number, mail, done["message_id"])}
            done["maybe_sent"] = True
            self.save()
            return reply
        return None

    def write(self, case, number, mail, message_id):
        stage, bare = self.stages[number], self.state["reply_without_code"]
        subject = case["subject"]
        if bare:
            subject = " ".join(self.code.sub("", subject).split())
        values = {**case["vars"], **self.state["vars"], "subject": subject}
        if bare:
            values["code"] = ""
        references = " ".join(f"{mail['references']} {mail['message_id']}".split())
        headers = {} if bare else {"In-Reply-To": mail["message_id"], "References": references}
        return simlib.build_mail(
            self.account, case["to"], stage.get("subject", "Re: {subject}").format_map(values),
            stage["text"].format_map(values), message_id, stage.get("charset", "utf-8"),
            stage.get("encoding", "base64"), stage.get("unit", ""), {**headers, **stage.get("headers", {})})

    def settle(self, reply, outcome, now):
        self.counters[outcome] += 1
        done = self.state["cases"][reply["code"]]["stages"][reply["number"]]
        if outcome in ("sent", "refused"):
            done.update(state="answered" if outcome == "sent" else "refused", at=now)
        done["maybe_sent"] = outcome in ("unknown", "sent")
        self.save()

    def control(self, wanted, now):
        for name in ("silent", "reply_without_code"):
            self.state[name] = bool(wanted.get(name, self.state[name]))
        self.state["vars"] = {k: str(v) for k, v in wanted.get("vars", self.state["vars"]).items()}
        if wanted.get("answer_now"):
            for code, case in self.state["cases"].items():
                if wanted.get("code", code) == code:
                    case["due_now"] = now
        self.save()

    def status(self, now):
        return {"account": self.account, "now": now, "silent": self.state["silent"],
                "reply_without_code": self.state["reply_without_code"], **self.counters,
                "cases": [self.case_status(code, case, now) for code, case in self.state["cases"].items()]}

    def case_status(self, code, case, now):
        stages = []
        for number, (due, _) in enumerate(self.plan(case)):
            done = case["stages"][number] if number < len(case["stages"]) else {}
            state = done.get("state", "sending")
            if state == "sending":
                state = "due" if due is not None and due <= now else "waiting"
            stages.append({"name": self.stages[number]["name"], "state": state, "due_at": due,
                           "at": done.get("at"), "message_id": done.get("message_id")})
        return {"code": code, "inquiry_at": case["mails"][0]["at"], "reminders": len(case["mails"]) - 1,
                "vars": {**case["vars"], **self.state["vars"]}, "stages": stages}
