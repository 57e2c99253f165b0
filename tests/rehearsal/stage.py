"""What rehearsals stand on: the instance, the load and the judge of tests/chaos, with nothing broken but what is rehearsed.

Two replicas of each service are behind a proxy for each service, which leads to those that are in service, as an endpoint
slice of Kubernetes would.
"""
import itertools
import json
import pathlib
import re
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/chaos"))

import campaign  # pylint: disable=wrong-import-position
from instance import BIN, Instance, SERVICES  # pylint: disable=wrong-import-position
from standby import wait_until  # pylint: disable=wrong-import-position
from traffic import Spread, Tally, counted  # pylint: disable=wrong-import-position

__all__ = ["BIN", "ROOT", "SERVICES", "Options", "Rehearsal", "Stage", "judge_traffic", "wait_until"]

READY_WITHIN_S = 30
ALONE_S = 2  # load before and after what is done
SLOWEST_CALL_S = 10.0
TOLD = 5  # of the RPCs that failed


class Options(campaign.Options):
    """Nothing happens but what the rehearsal does; a stop is told to the balancer for a second before it is acted on."""

    def __init__(self, **more):
        settings = (("", "DRAIN__PROBE_PERIOD", "1s"), *more.pop("settings", ()))
        super().__init__(**{"kills": 0, "calm_lanes": True, "days": 0, "lease_s": 10, "settings": settings, **more})


def told_to_callers():
    """The service config that the guide tells callers to give to gRPC."""
    guide = (ROOT / "docs/api/errors.md").read_text(encoding="utf-8")
    return json.dumps(json.loads(re.search(r"```json\n(.*?)```", guide, re.DOTALL)[1]))


class Stage(Instance):
    """Its callers do as the guide says; nothing else is repeated before it counts."""

    def __init__(self, options, tally):
        super().__init__(options)
        self.tally = tally

    def client(self, more=()):
        make = super().client
        options = [("grpc.service_config", told_to_callers()), *more]
        return Spread(lambda: counted(make(options), self.tally))


class Rehearsal(campaign.Campaign):
    """`act` is what is rehearsed, under load; then all must be as it should, as after a campaign."""

    def __init__(self, outcome, options):
        super().__init__(options)
        self.outcome, self.tally = outcome, Tally()

    def act(self):
        raise NotImplementedError

    def rehearse(self):
        """Plays it and judges it."""
        verdict = self.run()
        judge_traffic(self.outcome, self.tally)
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


def judge_traffic(outcome, tally):
    """No call may fail."""
    tries = sum(tally.tries.values())
    outcome.figure("RPCs", tries)
    outcome.figure("answers", " ".join(f"{code} {count}" for code, count in sorted(tally.tries.items())))
    outcome.at_most("RPCs that failed", len(tally.failed), 0)
    for when, method, code in tally.failed[:TOLD]:
        print(f"  {time.strftime('%H:%M:%S', time.localtime(when))} {method}: {code}")
    outcome.at_most("slowest call with its repeats, s", tally.slowest_s, SLOWEST_CALL_S)
    if tries == 0:
        outcome.broken("nobody called")
