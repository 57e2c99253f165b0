"""One campaign: load, faults by the plan, quiet, some days of business time, and a verdict."""
import dataclasses
import itertools
import random
import threading
import time

import plan
from evidence import Evidence
from faults import Journal, ReplicaFaults, SurroundingFaults
from instance import SERVICES, Instance
from judge import judge
from load import OVER, RELUCTANT, Load
from replicas import Replica

RECOVERS_WITHIN_S = 60
# A reluctant number is refused twice, and each time waits for up to half a minute: no fault of ours.
REFUSED = "the gateway refused for now"
PLANTED_WITHIN_S = 90  # how long a planted bug is given to be met
PARTITIONS_WITHIN_S = 130
DESK_A_DAY = 8  # tasks that an officer sees to in each service
CORRECTED_A_DAY = 10  # cases
REQUEUED_A_DAY = 6  # dead tasks
DAY_S = 86400
SHANGHAI_S = 8 * 3600


@dataclasses.dataclass
class Options:
    kills: int = 40
    seed: int = 1
    planted: str = ""
    forgetful: bool = False  # a gateway that knows no keys, and can be asked
    lease_s: int = 4
    redeliver_s: int = 1
    senders: int = 6
    least_s: float = 8  # how long the storm takes at least
    pause_s: float = 0.2  # between two requests of a sender
    patience_s: float = 4  # how long a replica may take to come where it is to die
    crashes_per_deck: int = 20  # of a replica's steps, for four of other kinds
    failover: bool = False  # PostgreSQL has a standby, which takes its place once
    days: int = 4
    only: tuple = ()  # of what happens around the services, just this
    script: tuple = ()  # instead of all that: (do, how)
    dos: tuple = ()  # of what happens to replicas, just this
    points: tuple = ()  # of the crash points, just these
    calm_lanes: bool = False  # nothing happens to replicas
    settings: tuple = ()  # of the services' configuration: (service, KEY, value); of all three where the first is empty
    keep: bool = False


class Campaign:
    """`storms` is held while it storms: of several campaigns at a time one does, while others recover and wait."""

    def __init__(self, options, storms=None):
        self.options = options
        self.storms = storms or threading.Lock()
        self.over = threading.Event()
        self.complaints = []
        self.recoveries = []

    def run(self):
        started = time.monotonic()
        with self.bring_up() as self.instance:
            self.journal = Journal(self.instance.dir / "steps.log", bool(self.options.points))
            self.replicas = {s: [Replica(self.instance, s, i, self.complaints, self.journal) for i in range(2)]
                             for s in SERVICES}
            self.load = Load(self.instance, self.options.seed, self.options.senders)
            try:
                self.drop_partitions_ahead()
                verdict = self.play()
            finally:
                self.over.set()
                self.load.ending.set()
                self.load.given_up.set()
                for replica in itertools.chain(*self.replicas.values()):
                    replica.kill()
            self.instance.keep = self.options.keep or (bool(verdict.violations) and not self.options.planted)
        verdict.seconds = time.monotonic() - started
        return verdict

    def bring_up(self):
        return Instance(self.options)

    def prepare(self):
        Evidence.make_views(self.instance)

    def play(self):
        self.prepare()
        with self.storms:
            self.start_all()
            self.load.start()
            self.storm()
            SurroundingFaults(self.instance, self.journal, self.over).heal()
            self.start_all()
            self.load.ending.wait(1)
            self.load.stop(RECOVERS_WITHIN_S)
            self.become_calm("after the storm")
        if self.options.days:
            self.put_clocks_back()
        for day in range(self.options.days):
            self.live_through_silence(day)
        self.let_watches_catch_up()
        self.let_partitions_be_made()
        self.load.close()
        proxies = self.instance.proxy_counters()
        self.terminate("notification")
        ledgers = Evidence.read_ledgers(self.instance)
        self.terminate("referral")
        contacts = Evidence.read_contacts(self.instance)  # nobody adds to it any more
        said = Evidence.read_cases(self.instance, self.load.cases_with_words())
        self.terminate("intake")
        verdict = judge(Evidence(self.instance, self.load, self.journal, self.complaints, contacts, said, ledgers))
        verdict.proxies = proxies
        self.judge_recovery(verdict)
        return verdict

    def start_all(self):
        for replica in itertools.chain(*self.replicas.values()):
            if not replica.running():
                replica.start()

    def terminate(self, *services):
        for replica in itertools.chain(*(self.replicas[service] for service in services)):
            replica.terminate()

    def drop_partitions_ahead(self):
        """As after months in which no service ran: they make what is missing when they start."""
        find = """SELECT format('DROP TABLE %s', p.partition)
                    FROM backbone.time_partitions AS p JOIN backbone.retention AS r ON r.relation = p.parent
                   WHERE NOT p.is_default AND p.low > now() + ('1 ' || r.step)::interval"""
        for service in SERVICES:
            drops = ";".join(row[0] for row in self.instance.sql(service, find))
            if drops:
                self.instance.sql(service, drops)

    def storm(self):
        threads = [threading.Thread(target=self.follow, args=(
            ReplicaFaults(self.instance, self.replicas, self.journal, self.over),
            plan.replica_steps(self.options, replica.service, replica.index)))
            for replica in itertools.chain(*self.replicas.values())
            if plan.points_wanted(self.options, replica.service)]
        around = [threading.Thread(target=self.surround, args=(lane,)) for lane in ("stores", "network")]
        for replica in itertools.chain(*self.replicas.values()):
            if plan.points_wanted(self.options, replica.service):
                replica.kill()  # its lane starts it again, with an order to die
        for thread in threads + around:
            thread.start()
        calm_at = time.monotonic() + self.options.least_s
        for thread in around:
            thread.join()
        self.over.wait(max(0, calm_at - time.monotonic()))
        while threads and self.journal.kill_count < self.options.kills and not self.over.wait(0.1):
            if (self.options.planted or self.options.points) and time.monotonic() > calm_at + PLANTED_WITHIN_S:
                break
        self.over.set()
        for thread in threads:
            thread.join()

    def follow(self, faults, steps):
        for step in steps:
            if self.over.is_set():
                return
            try:
                faults.carry_out(step)
            except Exception as error:  # a step that cannot be done is the harness's fault: say so
                self.complaints.append(f"harness: {step}: {error!r}")
                self.over.set()
                raise

    def surround(self, lane):
        """Deals a deck of faults per hundred kills, evenly; at least one, whole."""
        faults = SurroundingFaults(self.instance, self.journal, self.over)
        decks = max(1, round(self.options.kills / plan.KILLS_PER_DECK))
        steps = list(itertools.chain(*itertools.islice(plan.surrounding_steps(self.options, lane), decks)))
        for number, step in enumerate(steps):
            while (self.journal.kill_count < self.options.kills * number / len(steps)
                   and not self.options.calm_lanes and not self.options.points):
                if self.over.wait(0.05):
                    return
            self.follow(faults, [step])

    def undone(self):
        """What is due and not done, as text."""
        offset = f"interval '{int(self.instance.business_now() - time.time())} seconds'"
        left = []
        for service in SERVICES:
            left += [f"{service}: {' '.join(row)}" for row in self.instance.sql(service, f"""
                SELECT kind, state, id, 'next try in', extract(epoch FROM next_try - now())::int, coalesce(last_error, '')
                  FROM judge.tasks WHERE lane <> 'desk' AND state <> 'dead' AND due <= now() + {offset}""")]
        for name, case in self.instance.sql(
                "notification", """SELECT name, case_name FROM judge.messages WHERE state = 'SENDING' AND NOT EXISTS (
                    SELECT FROM judge.tasks WHERE kind = 'message.call' AND subject = name)"""):
            person = self.load.hand_offs.get(case)
            refused = person is not None and person.fate == RELUCTANT
            left.append(f"{name} is SENDING" + (f": {REFUSED}" if refused else ""))
        filed = self.instance.sql("referral", "SELECT count(*) FROM judge.inbox")
        came = len(self.load.inbound) + self.instance.http("mail", "/control")["bounced"]
        if int(filed[0][0]) < came:
            left.append(f"{filed[0][0]} of {came} mails are filed")
        return left

    def become_calm(self, when):
        """Waits, and does nothing else, until nothing that is due remains."""
        began, took = time.monotonic(), 0
        while True:
            left = self.undone()
            waited = time.monotonic() - began
            if not all(REFUSED in line for line in left) or waited > 2 * RECOVERS_WITHIN_S:
                took = waited
            if not left or took > RECOVERS_WITHIN_S:
                break
            time.sleep(0.5)
        self.recoveries.append(took)
        for line in left[:20]:
            self.complaints.append(f"not recovered {took:.0f} s {when}: {line}")

    def put_clocks_back(self):
        """Every replica was an hour ahead, and is put right: what is asked from then on is done at once."""
        clocks = {}
        for replica in itertools.chain(*self.replicas.values()):
            replica.kill()
            clocks[replica] = self.instance.dir / f"faketime-{replica.name}"
            clocks[replica].write_text("+3600\n")
            replica.start(fake_clock=clocks[replica])
        for replica in clocks:
            replica.await_listening()
        time.sleep(2)  # long enough for every loop to have looked at the clock
        for clock in clocks.values():
            clock.write_text("+0\n")
        self.load.burst("clock", 6)
        self.become_calm("after the clocks were put back")
        for replica in clocks:
            replica.kill()
        self.start_all()

    def live_through_silence(self, day):
        """The bodies say nothing: to the evening of a later day, when officers do some of what is to be done, close cases and
        hear from some bodies; and to the morning after it."""
        chance = random.Random(f"{self.options.seed}/day/{day}")
        self.advance_to(chance.choice([2, 3]), 22)
        self.become_calm(f"in the evening of jump {day}")
        self.load.given_up.clear()
        for referral in chance.sample(sorted(self.load.replies), min(2, len(self.load.replies))):
            if self.load.referrals[referral] not in self.load.closed:
                self.load.close_case(self.load.referrals[referral])
        for service in SERVICES:
            for staff in ("staff/wang", "staff/zhao-li"):
                self.load.desk.see_to(service, staff, chance, DESK_A_DAY)
        self.load.window.keep_some(chance)
        open_cases = sorted(set(self.load.hand_offs) - self.load.closed)
        for case in chance.sample(open_cases, min(CORRECTED_A_DAY, len(open_cases))):
            self.load.window.correct(case, chance)
        alive = sorted(set(self.load.referrals) - set(self.load.replies) - self.load.cancelled)
        dead = [(service, f"tasks/{id_}") for service in SERVICES for id_, in self.instance.sql(
            service, "SELECT id FROM judge.tasks WHERE state = 'dead' AND lane <> 'desk' ORDER BY id")]
        for service, task in chance.sample(dead, min(REQUEUED_A_DAY, len(dead))):
            self.load.desk.requeue(service, task)
        over = chance.sample(alive, len(alive) // 4)
        for referral in over[:len(over) // 4]:
            self.load.cancel(referral, OVER)
        for referral in over[len(over) // 4:]:
            self.load.answer(referral, OVER)
        self.advance_to(1, 10)
        if not self.options.calm_lanes:
            for service in SERVICES:
                self.replicas[service][chance.randrange(2)].kill()
            self.start_all()
        self.become_calm(f"in the morning of jump {day}")

    def advance_to(self, days, hour):
        now = self.instance.business_now() + SHANGHAI_S
        self.instance.advance_business_time(int(now // DAY_S * DAY_S + days * DAY_S + hour * 3600 - now))

    def let_watches_catch_up(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            last = {s: self.instance.sql(s, "SELECT id FROM judge.events ORDER BY transaction DESC, row_number DESC LIMIT 1")
                    for s in SERVICES}
            if all([id] in last[watch.service] for watch in self.load.watches for id in watch.seen[-1:]):
                break
            time.sleep(0.3)

    def let_partitions_be_made(self):
        """Housekeeping looks once a minute, and makes them one by one."""
        deadline = time.monotonic() + PARTITIONS_WITHIN_S
        missing = "SELECT FROM judge.partitions WHERE ahead < wanted - 1"
        while time.monotonic() < deadline and any(self.instance.sql(s, f"SELECT 1 WHERE EXISTS ({missing})") for s in SERVICES):
            time.sleep(1)

    def judge_recovery(self, verdict):
        found = sorted(verdict.recoveries + self.recoveries)
        verdict.p99 = found[int(len(found) * 0.99) - 1] if len(found) > 1 else max(found, default=0.0)
        verdict.p100 = max(found, default=0.0)
        verdict.recovery_count = len(found)
        if verdict.p100 > RECOVERS_WITHIN_S:
            verdict.add("recovery", f"p100 {verdict.p100:.1f} s of {len(found)}, more than {RECOVERS_WITHIN_S} s")
