#!/usr/bin/python3
"""Loses the master of Redis under load, then all of Redis for ten minutes: no call may fail, and what waited is done at the
rate that the gateway was promised.

Redis, its sentinels and the proxy are those of deploy/components/redis-sentinel.
"""
import datetime
import time

import outcome
from redis_nodes import NODES, PROXY, RedisNodes, folder_of
from stage import SERVICES, Options, Rehearsal, Stage, wait_until

RATE = 8  # text messages a second that the gateway is promised
WINDOW_S = 5
FAILS_OVER_WITHIN_S = 60
DUE = "SELECT count(*) FROM backbone.task WHERE lane <> 'desk' AND state <> 'dead' AND due <= now()"


class SentinelStage(Stage):
    def __enter__(self):
        super().__enter__()
        try:
            self.nodes = RedisNodes(folder_of(self))
            try:
                self.nodes.start_all()
                self.nodes.await_whole()
            except BaseException:
                self.nodes.end()
                raise
        except BaseException as error:
            super().__exit__(type(error), error, None)
            raise
        self.options.settings += (("", "REDIS__PASSWORD_FILE", str(self.nodes.password_file)),)
        self.break_route("redis", mode="ok", upstreams=[f"{self.nodes.proxy}:6379"])
        return self

    def __exit__(self, kind, *rest):
        self.nodes.end()
        super().__exit__(kind, *rest)


class Sentinel(Rehearsal):
    def __init__(self, found, losses, gone_s):
        settings = (("notification", "SMS__RATE", str(RATE)),)
        super().__init__(found, Options(senders=2, pause_s=1.0, settings=settings))
        self.losses, self.gone_s = losses, gone_s

    def bring_up(self):
        return SentinelStage(self.options, self.tally)

    def act(self):
        slowest = 0.0
        for _ in range(self.losses):
            slowest = max(slowest, self.lose_master())
        self.outcome.figure("masters lost", self.losses)
        self.outcome.figure("loss to a new master behind the proxy, slowest, s", slowest)
        self.lose_everything()

    def lose_master(self):
        nodes = self.instance.nodes
        nodes.await_whole()
        lost = nodes.master()
        nodes.lose(lost)
        took = wait_until("a new master", lambda: nodes.leads_to_master() and nodes.master() != lost, FAILS_OVER_WITHIN_S)
        nodes.start_node(lost)
        return took

    def lose_everything(self):
        """Towards the end of it many come at once."""
        nodes = self.instance.nodes
        nodes.lose(*NODES, PROXY)
        if nodes.leads_to_master():
            self.outcome.broken("all of Redis was lost, and there is a master")
        ends_at = time.monotonic() + self.gone_s
        waiting = 0
        while time.monotonic() < ends_at and not self.over.wait(1):
            waiting = max(waiting, self.due())
        self.load.burst("redis", int(RATE * WINDOW_S * 2))
        waiting = max(waiting, self.due())
        nodes.start_all()
        began = time.monotonic()
        took = wait_until("Redis behind the proxy", nodes.leads_to_master, FAILS_OVER_WITHIN_S)
        wait_until("what was due is done", lambda: self.due() <= RATE, FAILS_OVER_WITHIN_S)
        self.outcome.figure("Redis gone, s", self.gone_s)
        self.outcome.figure("due at most meanwhile", waiting)
        self.outcome.figure("start to a master behind the proxy, s", took)
        self.outcome.figure("start to nothing left due, s", time.monotonic() - began)

    def due(self):
        return sum(int(self.instance.sql(service, DUE)[0][0]) for service in SERVICES)

    def become_calm(self, when):
        super().become_calm(when)
        sent = [datetime.datetime.fromisoformat(row["at"]).timestamp() for row in self.instance.http("phone", "/ledger")]
        self.outcome.figure("text messages", len(sent))
        self.outcome.at_most(f"text messages within {WINDOW_S} s", most_within(WINDOW_S, sent), RATE * (WINDOW_S + 1))


def most_within(seconds, times):
    """How many of these lie within so many seconds, at most."""
    times, most, first = sorted(times), 0, 0
    for last, time_ in enumerate(times):
        while time_ - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


if __name__ == "__main__":
    outcome.main(outcome.arguments(__doc__, losses=(3, 1), gone=(600, 15)),
                 lambda args: Sentinel(outcome.Outcome("sentinel"), args.losses, args.gone).rehearse())
