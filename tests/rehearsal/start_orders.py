#!/usr/bin/python3
"""Starts PostgreSQL, Redis and the three services in every order: whoever is early waits, and all become ready unaided.

A store that is not there yet refuses connections. At the end of each order a person is handed over, and must get the text
message, which needs two services, both databases and a hint of Redis or the sweep in its place.
"""
import itertools
import random
import threading
import time

import outcome
from stage import READY_WITHIN_S, SERVICES, Options, Stage, says_ready, wait_until
# Of tests/chaos, which `stage` has on the path.
from faults import Journal
from load import HALL
from people import GOOD, Person
from replicas import Replica
from traffic import Tally

STORES = {"postgres": tuple(f"pg-{service}" for service in SERVICES), "redis": ("redis",)}
GAP_S = 0.4  # from one start to the next
TOLD_WITHIN_S = 30


def orders(quick):
    """All 120, or every fifth of them in a random order, so that each of the five begins sometimes."""
    every = list(itertools.permutations([*STORES, *SERVICES]))
    random.Random(24).shuffle(every)
    return every[::5] if quick else every


class StartOrders:
    def __init__(self, instance, found):
        self.instance, self.outcome = instance, found
        journal = Journal(instance.dir / "steps.log")
        self.replicas = {service: Replica(instance, service, 0, found.violations, journal) for service in SERVICES}
        self.client = instance.client()
        self.numbers = itertools.count(1)
        self.ready_s, self.told_s = [], []

    def play(self, every):
        for order in every:
            try:
                self.play_one(order)
            except Exception as error:  # the others are played all the same
                self.outcome.broken(f"{' '.join(order)}: {error!r}")
            self.end()
        self.client.close()
        self.outcome.figure("orders", len(every))
        self.outcome.figure("orders after which all were ready and a message told", len(self.told_s))
        self.outcome.figure("last start to ready, slowest, s", max(self.ready_s, default=0.0))
        self.outcome.figure("hand-off to telephone, slowest, s", max(self.told_s, default=0.0))
        if len(self.told_s) < len(every):
            self.outcome.broken(f"{len(every) - len(self.told_s)} orders did not come up")

    def play_one(self, order):
        for party in order:
            if party in STORES:
                self.heal(party)
            else:
                self.replicas[party].start()
            time.sleep(GAP_S)
            self.expect_truth(order[:order.index(party) + 1])
        began = time.monotonic()
        for service in SERVICES:
            wait_until(f"{service} is ready", lambda service=service: self.says_ready(service), READY_WITHIN_S)
        self.ready_s.append(time.monotonic() - began)
        self.told_s.append(self.hand_over())

    def says_ready(self, service):
        return says_ready(self.instance.replica_ports[service][0][1])

    def expect_truth(self, started):
        """Nobody dies of what is missing, or says ready without its database."""
        for service in SERVICES:
            if service not in started:
                continue
            if not self.replicas[service].running():
                raise RuntimeError(f"{service} ended by itself")
            if "postgres" not in started and self.says_ready(service):
                raise RuntimeError(f"{service} says ready without PostgreSQL")

    def hand_over(self):
        """Seconds until the person's telephone shows it."""
        person = Person(next(self.numbers), GOOD)
        began = time.monotonic()
        self.client.until_answered("intake", "staff/chen", "xixinting.intake.v1.CaseService/HandOffFromCounter", {
            "request_id": f"00000000-0000-4000-8000-{person.number:012d}", "hand_off": {"counter": "3 号综合窗口", "reason": "缺火化证明"},
            "case": {"title": "火化证明遗失", "hall": HALL, "service_item": "丧葬费申领", "parties": [
                {"role": "ROLE_APPLICANT", "display_name": person.name, "phone_number": person.phones[0]}]}}, threading.Event(), TOLD_WITHIN_S)
        wait_until("the text message", lambda: any(person.phones[0][-11:] in row["to"] for row in self.instance.http("phone", "/ledger")),
                   TOLD_WITHIN_S)
        return time.monotonic() - began

    def heal(self, store):
        for route in STORES[store]:
            self.instance.break_route(route, mode="ok")

    def end(self):
        for replica in self.replicas.values():
            replica.kill()
        for route in itertools.chain(*STORES.values()):
            self.instance.break_route(route, mode="refuse")


def rehearse(args):
    found = outcome.Outcome("start-orders")
    with Stage(Options(), Tally()) as instance:
        rehearsal = StartOrders(instance, found)
        rehearsal.end()
        rehearsal.play(orders(args.quick))
        instance.keep = bool(found.violations)
    return found


if __name__ == "__main__":
    outcome.main(outcome.arguments(__doc__), rehearse)
