"""What rehearsals stand on: the instance, the load and the judge of tests/chaos, with nothing broken but what is rehearsed.

Two replicas of each service are behind a proxy for each service, which leads to those that are in service, as an endpoint
slice of Kubernetes would.
"""
import itertools
import pathlib
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/chaos"))

import campaign  # pylint: disable=wrong-import-position
from instance import BIN, Instance, SERVICES  # pylint: disable=wrong-import-position
from traffic import Spread, Tally, counted  # pylint: disable=wrong-import-position

__all__ = ["BIN", "ROOT", "SERVICES", "Options", "Rehearsal", "Stage", "judge_traffic", "wait_until"]

READY_WITHIN_S = 30
ALONE_S = 2  # load before and after what is done
SLOWEST_CALL_S = 10.0
# Tries that a stop may cost: gRPC 1.51 drops, as CANCELLED, what arrives in the instant in which a server begins to refuse.
REPEATED_PER_STOP = 1
TOLD = 5  # of the tries that failed


class Options(campaign.Options):
    """Nothing happens but what the rehearsal does; a stop is told to the balancer for a second before it is acted on."""

    def __init__(self, **more):
        settings = (("", "DRAIN__PROBE_PERIOD", "1s"), *more.pop("settings", ()))
        super().__init__(**{"kills": 0, "calm_lanes": True, "days": 0, "lease_s": 10, "settings": settings, **more})


class Stage(Instance):
    def __init__(self, options, tally):
        super().__init__(options)
        self.tally = tally

    def client(self):
        make = super().client
        return Spread(lambda: counted(make(), self.tally))


class Rehearsal(campaign.Campaign):
    """`act` is what is rehearsed, under load; then all must be as it should, as after a campaign."""

    def __init__(self, outcome, options):
        super().__init__(options)
        self.outcome, self.tally = outcome, Tally()
        self.stopped = []  # names of replicas, while tries were counted

    def act(self):
        raise NotImplementedError

    def rehearse(self):
        """Plays it and judges it."""
        verdict = self.run()
        judge_traffic(self.outcome, self.tally, len(self.stopped) * REPEATED_PER_STOP)
        self.outcome.figure("lost or told twice", verdict.counts["lost"] + verdict.counts["told twice"])
        self.outcome.figure("cases", len(self.load.hand_offs))
        for line in verdict.violations:
            self.outcome.broken(line)
        if self.instance.keep:
            self.outcome.figure("kept in", str(self.instance.dir.relative_to(ROOT)))
        return self.outcome

    def bring_up(self):
        return Stage(self.options, self.tally)

    def drop_partitions_ahead(self):
        """No part of it."""

    def storm(self):
        for replica in self.everybody():
            self.await_ready(replica)
        began = time.monotonic()
        self.tally.begin()
        self.over.wait(ALONE_S)
        self.act()
        self.over.wait(ALONE_S)
        self.tally.end()
        self.outcome.figure("seconds under load", time.monotonic() - began)
        self.over.set()

    def everybody(self):
        return list(itertools.chain(*self.replicas.values()))

    def lead_to(self, service, replicas):
        """New connections go to these."""
        ports = [self.instance.replica_ports[service][replica.index][0] for replica in replicas]
        self.instance.break_route(service, mode="ok", upstreams=[f"127.0.0.1:{port}" for port in ports])

    def replace(self, replica, change=lambda: None):
        """What a rolling update does to one pod: out of service, stopped, `change`, started, ready, in service.
        Returns how long it took to stop."""
        both = self.replicas[replica.service]
        self.lead_to(replica.service, [other for other in both if other is not replica])
        if self.tally.counting:
            self.stopped.append(replica.name)
        began = time.monotonic()
        self.stop(replica)
        took = time.monotonic() - began
        change()
        replica.start()
        self.await_ready(replica)
        self.lead_to(replica.service, both)
        return took

    def stop(self, replica):
        """By SIGTERM; it must end with 0."""
        replica.terminate()

    def await_ready(self, replica):
        metrics = self.instance.replica_ports[replica.service][replica.index][1]
        wait_until(f"{replica.name} is ready", lambda: says_ready(metrics) and replica.await_listening(seconds=1), READY_WITHIN_S)


def says_ready(metrics_port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics_port}/metrics", timeout=5) as page:
            return "\nxixinting_ready 1\n" in page.read().decode()
    except OSError:
        return False


def wait_until(what, condition, seconds):
    """How long it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() > began + seconds:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


def judge_traffic(outcome, tally, most_repeats):
    """No call may fail, and hardly any try."""
    tries = sum(tally.tries.values())
    outcome.figure("RPCs", tries)
    outcome.figure("answers", " ".join(f"{code} {count}" for code, count in sorted(tally.tries.items())))
    outcome.at_most("tries that failed and were repeated", len(tally.failed), most_repeats)
    for when, method, code in tally.failed[:TOLD]:
        print(f"  {time.strftime('%H:%M:%S', time.localtime(when))} {method}: {code}")
    outcome.at_most("slowest call with its repeats, s", tally.slowest_s, SLOWEST_CALL_S)
    if tries == 0:
        outcome.broken("nobody called")
