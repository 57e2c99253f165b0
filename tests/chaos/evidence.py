"""What a campaign is judged by, and the verdict: the databases and the simulators' ledgers, read once."""
import collections
import datetime
import pathlib
import re
import subprocess
import threading
import time
import types

from instance import SERVICES, standby
from load import BODY, DEAD, SHANGHAI

LATE_SLACK_S = 0.3
NAMES_A_DAY = ("#cut-off.", "#last-day.", "#route-sheet.")
EXAMPLES = 5  # of violations that are alike


class Evidence:
    """Everything that is judged, read once."""

    def __init__(self, instance, load, journal, complaints, contacts, said, ledgers):
        self.instance, self.load, self.journal = instance, load, journal
        self.complaints = complaints
        self.now = instance.business_now()
        self.days = int((self.now - time.time()) / 86400)  # since the storm
        self.today = datetime.datetime.fromtimestamp(self.now, SHANGHAI).date()
        read = instance.records
        self.tasks = {s: read(s, "judge.tasks") for s in SERVICES}
        self.settled = {s: read(s, "judge.settled") for s in SERVICES}
        self.moves = {s: read(s, "judge.moves", "time") for s in SERVICES}
        self.events = {s: read(s, "judge.events", "transaction, row_number") for s in SERVICES}
        self.deadlocks = {s: read(s, "judge.deadlocks")[0]["deadlocks"] for s in SERVICES}
        self.cases = {row["name"]: row for row in read("intake", "judge.cases")}
        self.papers_kept = collections.Counter(row["case_name"] for row in read("intake", "judge.papers"))
        self.promises = {row["name"]: row for row in read("intake", "judge.promises")}
        self.contacts, self.entries = contacts, ledgers.entries
        self.said = said  # case -> it with its papers, as intake answers
        self.contacts_kept = collections.Counter(row["case_name"] for row in read("intake", "judge.contacts"))
        self.referrals = {row["name"]: row | ledgers.referrals[row["name"]] for row in read("referral", "judge.referrals")}
        self.entries_kept = collections.Counter(row["referral"] for row in read("referral", "judge.entries"))
        self.mails = [mail_of(entry) for entry in self.entries if "mail" in entry]
        self.replies = [reply_of(entry) for entry in self.entries if "reply" in entry]
        self.claims = [{"referral": entry["referral"], "text": entry["claim"].get("text", "")}
                       for entry in self.entries if "claim" in entry]
        self.unmatched = [row | words_of(ledgers.unmatched[row["id"]], self.mails) for row in read("referral", "judge.unmatched")]
        self.messages = {row["name"]: row for row in read("notification", "judge.messages")}
        self.deliveries = {row["id"]: row for row in read("notification", "judge.deliveries")}
        self.reports = read("notification", "judge.reports")
        self.decisions = read("notification", "judge.decisions")
        self.sms = instance.http("phone", "/ledger")
        self.receipts = instance.http("phone", "/receipts")
        self.dead_contacts = {row["name"] for row in read("referral", "judge.dead_contacts")}
        mails = instance.http("mail", "/ledger")
        self.smtp = [row for row in mails if row["via"] in ("smtp", "bounced") and {BODY, DEAD} & set(row["to"])]
        self.bounces = {message_id(row) for row in mails if row["via"] == "inject" and not row["from"]}

    @staticmethod
    def read_contacts(instance):
        """The contact log, while intake runs: what was said is sealed, and it alone has the key."""
        cases = [row["name"] for row in instance.records("intake", "judge.cases")]
        listed = listed_of(instance, "intake", "ContactService/ListContacts", "contacts", cases)
        return [{"case_name": case, "summary": "", **contact} for case, contact in listed]

    @staticmethod
    def read_ledgers(instance):
        """Referrals and their ledgers, while their service runs: their rows are bytes, and what was said is sealed."""
        client = instance.client()
        shown = list(pages(client, "referral", "ReferralService/ListReferrals", "referrals", {"include_ended": True}))
        unmatched = {row["id"]: client.until_answered("referral", "staff/district", "xixinting.referral.v1.MailService/GetUnmatchedMail",
                                                      {"name": f"unmatchedMails/{row['id']}"}, threading.Event())
                     for row in instance.records("referral", "judge.unmatched")}
        client.close()
        listed = listed_of(instance, "referral", "EntryService/ListEntries", "entries", [referral["name"] for referral in shown])
        return types.SimpleNamespace(referrals={referral["name"]: asking_of(referral) for referral in shown}, unmatched=unmatched,
                                     entries=[{"referral": referral, **entry} for referral, entry in listed])

    @staticmethod
    def read_cases(instance, names):
        """Those cases and their papers, while intake runs: what was said of people is sealed, and the rest is bytes."""
        client = instance.client()

        def ask(method, body):
            return client.until_answered("intake", "staff/district", f"xixinting.intake.v1.{method}", body, threading.Event())

        found = {name: {**ask("CaseService/GetCase", {"name": name}),
                        **ask("PaperService/ListPapers", {"parent": name, "page_size": 500})} for name in names}
        client.close()
        return found

    @staticmethod
    def make_views(instance):
        for service in SERVICES:
            command = [standby.POSTGRES / "psql", "-X", "-q", "-h", "127.0.0.1", "-p", str(instance.ports["postgres"]), "-U", "postgres",
                       "-d", f"xxt_{service}", "-v", "ON_ERROR_STOP=1", "-v", f"service={service}", "-f",
                       str(pathlib.Path(__file__).with_name("views.sql"))]
            environment = {"PGPASSWORD": instance.secret("superuser"), "PATH": "/usr/bin:/bin"}
            subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)

    def events_of(self, service, *types):
        """How many events of these types each subject has."""
        return collections.Counter(e["subject"] for e in self.events[service] if e["type"] in types)

    def open_tasks(self, service, *kinds):
        return [task for task in self.tasks[service] if task["kind"] in kinds]

    def ids_of_dead(self, service):
        return {move["task_id"] for move in self.moves[service] if move["move"] == "dead"}

    def dead_shown(self, service):
        """Ids of the machine's tasks that a person was given instead."""
        return {key.rpartition("/")[2] for task in self.tasks[service] if task["lane"] == "desk"
                for key in [task["dedupe_key"]]}


def pages(client, service, method, field, request):
    """All that a service lists, page by page."""
    page = {"page_size": 500, **request}
    while True:
        answer = client.until_answered(service, "staff/district", f"xixinting.{service}.v1.{method}", page, threading.Event())
        yield from answer.get(field, [])
        page["page_token"] = answer.get("next_page_token")
        if not page["page_token"]:
            return


def listed_of(instance, service, method, field, parents):
    """All that a service lists under each of the parents: pairs of parent and resource."""
    client = instance.client()
    listed = [(parent, resource) for parent in parents for resource in pages(client, service, method, field, {"parent": parent})]
    client.close()
    return listed


def asking_of(referral):
    """How a body is asked, and until when it may be."""
    cut_off = referral.get("cut_off", {})
    return {"connector": referral["connector"].removeprefix("CONNECTOR_"), "last_safe_day": day_of(cut_off.get("last_safe_day")),
            "anchor_day": day_of(cut_off.get("anchor_day"))}


def day_of(date):
    return date and f"{date['year']:04}-{date['month']:02}-{date['day']:02}"


def words_of(unmatched, mails):
    """What a mail that matched nothing said: once it is filed with a referral, the entry of the same id says it."""
    filed = [mail["text"] for mail in mails if mail["id"] == unmatched["name"].rpartition("/")[2]]
    return {"text": filed[0] if filed else unmatched.get("text", ""), "message_id": unmatched.get("message_id", "")}


def mail_of(entry):
    """A mail of a referral's ledger; an outgoing one has the id of its task."""
    mail = entry["mail"]
    return {"id": entry["name"].rpartition("/")[2], "referral": entry["referral"],
            "direction": mail.get("direction", "").removeprefix("DIRECTION_"), "state": mail.get("state", "").removeprefix("STATE_"),
            "subject": mail.get("subject", ""), "text": mail.get("text", ""), "message_id": mail.get("message_id", "")}


def reply_of(entry):
    """What an officer recorded, and the entry of the mail that it was read in, if it was."""
    return {"referral": entry["referral"], "mail": entry["reply"].get("mail", "").rpartition("/")[2]}


class Verdict:
    def __init__(self):
        self.violations = []
        self.counts = collections.Counter()
        self.recoveries = []
        self.seconds = 0.0

    def add(self, promise, what):
        self.counts[promise] += 1
        self.violations.append(f"{promise}: {what}")


def examples_of(violations):
    """Lines that show them: of those that differ only in names and numbers the first few, and how many there are."""
    alike = collections.defaultdict(list)
    for line in violations:
        alike[re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|-?\d+(\.\d+)?", "N", line)].append(line)
    shown = []
    for lines in alike.values():
        shown += lines[:EXAMPLES]
        if len(lines) > EXAMPLES:
            shown.append(f"  {EXAMPLES} of {len(lines)} that are alike")
    return shown


def message_id(row):
    return (row.get("message_id") or "").strip("<>")


def names_a_day(message):
    """Whether its words may become untrue: there may be newer ones, or it may come too late."""
    return any(words in message["event"] for words in NAMES_A_DAY)


def same_set(verdict, what, acknowledged, found):
    for name in sorted(acknowledged - found):
        verdict.add("lost", f"{what} {name} was acknowledged and does not exist")
    for name in sorted(found - acknowledged):
        verdict.add("surplus", f"{what} {name} exists, and no acknowledged request made it")


def same_count(verdict, what, wanted, found):
    """Both: name -> how often."""
    for name in sorted(set(wanted) | set(found), key=str):
        if found[name] < wanted[name]:
            verdict.add("lost", f"{name}: {found[name]} of {wanted[name]} {what}")
        elif found[name] > wanted[name]:
            verdict.add("told twice", f"{name}: {found[name]} {what} where {wanted[name]} belong")
