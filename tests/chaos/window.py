"""What officers do for a case beside asking bodies: they correct, promise, find papers missing, write down what came of it."""
import uuid

from people import in_words

STAFF, COLLEAGUE = "staff/wang", "staff/zhao-li"


class Window:
    def __init__(self, load):
        self.load = load
        self.promises = {}  # promise -> (case, when it is due)
        self.kept = set()
        self.gaps = {}  # title of a paper that is missing -> case
        self.received = set()  # papers

    @staticmethod
    def ask(method, body, expected=()):
        """What Load.call takes."""
        return "intake", STAFF, f"xixinting.intake.v1.{method}", body, expected

    def promise(self, case, chance):
        """Some are kept at once, some late, and some never."""
        for _ in range(chance.choice([1, 2])):
            due = self.load.in_days(chance.randrange(1, 5))
            made = self.load.call(*self.ask("PromiseService/CreatePromise", {"parent": case, "promise": {
                "text": "到时回电，说明进展", "due_time": due, "channel": "CHANNEL_PHONE",
                "recipient": self.load.parties[case]}}))
            if made is None:
                continue
            self.load.note("promise", case)
            with self.load.lock:
                self.promises[made["name"]] = (case, due)
            if chance.random() < 0.3:
                self.keep(made["name"])

    def keep(self, promise):
        if self.load.call(*self.ask("PromiseService/KeepPromise", {"name": promise})) is not None:
            self.load.note("promise kept", self.promises[promise][0])
            with self.load.lock:
                self.kept.add(promise)

    def keep_some(self, chance):
        waiting = sorted(set(self.promises) - self.kept)
        for promise in chance.sample(waiting, len(waiting) // 3):
            self.keep(promise)

    def correct(self, case, chance, expected=()):
        """The telephone number was taken down wrongly, perhaps twice."""
        person, party = self.load.hand_offs[case], self.load.parties[case]
        for digit in chance.sample(range(10), chance.choice([1, 1, 2])):
            phone = person.another_phone(digit)
            person.phones.append(phone)  # it is personal once it is asked for
            if self.load.set("phone", party, phone, *self.ask("PartyService/CorrectParty", {
                    "name": party, "phone_number": phone, "reason": "登记时写错"}, expected)) is not None:
                self.load.note("correction", case)

    def confirm(self, case):
        contact = self.load.log_contact(case)
        text = f"已领到 {uuid.uuid4()}"
        if contact is not None and self.load.set("outcome", case, text, *self.ask("ClosingService/ConfirmOutcome", {
                "name": case, "outcome": {"text": text, "contact": contact}})) is not None:
            self.load.note("outcome", case)

    def find_gap(self, case):
        title = "补充证明" + in_words(self.load.hand_offs[case].number)
        if self.load.call(*self.ask("PaperService/RecordGap", {
                "parent": case, "paper": {"title": title, "source": "办事指南第 3 项"}})) is not None:
            self.load.note("gap", case)
            with self.load.lock:
                self.gaps[title] = case

    def receive(self, case, told):
        """Two papers of one list, each by another officer and as it was told: neither is refused for the other."""
        for paper, officer in zip(told, (STAFF, COLLEAGUE)):
            if self.load.call("intake", officer, "xixinting.intake.v1.PaperService/ReceivePaper",
                              {"name": paper["name"], "etag": paper["etag"]}) is not None:
                self.load.note("paper received", case)
                with self.load.lock:
                    self.received.add(paper["name"])
