#!/usr/bin/python3
"""Attacks the services through the edge, while others call through it: nobody may notice.

Brings up an instance of its own (tools/dev) and nginx before it, as deploy/components/edge has it. First every public method
of the protos is called, and must reach its service. Then come the attacks, each by who has a certificate of the district, and
the first also by who has none, and by whose is revoked: no probe may fail, 99 of 100 are answered within 500 ms, no service
grows by more than 64 MB, and a watch goes on to its end. At last the same attack is played straight at a service's port, which
the judge must find bad: so it is seen what the edge is for. Prints the figures; exit 1 if a promise was broken.

  run_edge.py [--seconds 2] [--idle 10000] [--greet-every 8] [--keep]    of each attack; connections that say nothing
"""
import argparse
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

import district
import edge
import judge
import probe
import system

sys.path.append(str(edge.ROOT / "tests/chaos"))
import client  # pylint: disable=wrong-import-position
import instance as chaos  # pylint: disable=wrong-import-position
from standby import wait_until  # pylint: disable=wrong-import-position

PRESET = os.environ.get("XXT_PRESET", "dev")
PYTHON = "/usr/bin/python3"
READ = "/xixinting.intake.v1.HallService/ListHalls"
WATCH = "/xixinting.intake.v1.CaseService/WatchCases"
CALLER = "staff/wang"
# A watch says something every 15 s (common/rpc/watch.h), and waits for no attack.
HEARTBEAT_S = 20
# What is still open when an attack is over.
AFTERMATH_S = 0.5
MANY = ("slow_headers", "slow_body")
# Of the edge's limit_req.
BURST = 100


class Instance:
    """An instance of the services, its folder and its processes."""

    def __init__(self, keep):
        self.keep = keep
        self.name = f"edge-{os.getpid()}"
        self.dir = edge.ROOT / "build/run" / self.name

    def __enter__(self):
        try:
            self.dev("--no-build", "up")
        except BaseException:
            self.dev("down")
            raise
        env = dict(line.removeprefix("export ").split("=", 1) for line in (self.dir / "env").read_text().splitlines() if "=" in line)
        self.ports = {service: int(env[f"XXT_{service.upper()}_PORT"]) for service in edge.SERVICES}
        self.pids = {service: int((self.dir / "pids" / service).read_text().split()[0]) for service in edge.SERVICES}
        self.tokens = chaos.Tokens(self.dir / "xxt.yaml")
        return self

    def __exit__(self, kind, *_):
        self.dev("down" if self.keep or kind not in (None, KeyboardInterrupt) else "remove")

    def dev(self, *arguments):
        done = subprocess.run([edge.ROOT / "tools/dev", "--instance", self.name, *arguments], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"tools/dev {' '.join(arguments)}: {done.stderr[-500:]}")

    def metadata(self):
        return (("authorization", f"Bearer {self.tokens[CALLER]}"),)


class Attack:
    """One attacker as a process of its own."""

    def __init__(self, name, port, options, pair=None):
        self.name = name
        command = [PYTHON, pathlib.Path(__file__).with_name("attacker.py"), name, str(port), str(options.seconds)]
        command += ["--certificate", pair.certificate, "--key", pair.key] if pair else []
        if name == "idle":
            command += ["--count", str(options.idle), "--greet-every", str(options.greet_every)]
        elif name in MANY:
            command += ["--count", "500"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def end(self):
        said, _ = self.process.communicate()
        if self.process.returncode != 0:
            raise RuntimeError(f"the attacker failed: {self.name}")
        return json.loads(said)


class Scene:
    """The instance, the edge before it, and who calls."""

    def __init__(self, running, front, authority, stolen, options):
        self.instance, self.edge, self.district, self.stolen, self.options = running, front, authority, stolen, options
        caller = system.System(front, authority.issue("probe"))
        self.probe = probe.Probe(caller, READ, b"", running.metadata)
        self.watch = probe.Watch(system.System(front, authority.issue("watch")), WATCH, b"", running.metadata())
        self.probe.start()
        self.watch.start()
        wait_until("the first calls and the watch", lambda: self.watch.told and len(self.probe.answered) > 40, 30)
        self.memory = probe.Memory(running.pids, edge.rss_mb)
        self.memory.start()

    def play(self, title, name, port, pair):
        """Returns the figures of an attack."""
        self.memory.forget()
        told, began = self.watch.told, time.monotonic()
        sent = Attack(name, port, self.options, pair).end()
        time.sleep(AFTERMATH_S)
        due = (time.monotonic() - began) / probe.EVERY_S
        watching = not self.watch.ended and (self.watch.told > told or time.monotonic() - began < HEARTBEAT_S)
        return judge.Figures(title, self.probe.since(began), due, self.memory.grown(), self.edge.rss_mb(), watching, sent)

    def end(self):
        self.probe.stop()
        self.memory.stop()
        self.watch.stop()


def public_methods(schema_dir):
    """Yields (service, path) of all that is public: the three packages, and TaskService of each."""
    pool = client.Schema(schema_dir).pool
    for path in sorted((edge.ROOT / "protos").rglob("*.proto")):
        file = pool.FindFileByName(str(path.relative_to(edge.ROOT / "protos")))
        service = file.package.split(".")[1]
        for made in file.services_by_name.values():
            of = [service] if service in edge.SERVICES else edge.SERVICES if made.name == "TaskService" else []
            yield from ((one, f"/{made.full_name}/{method}") for one in of for method in made.methods_by_name)


def within_the_burst(methods):
    """Yields (service, number, paths), no more paths at a time than the edge lets one caller ask at once (limit_req)."""
    for service in edge.SERVICES:
        paths = [path for one, path in methods if one == service]
        yield from ((service, first // BURST, paths[first:first + BURST]) for first in range(0, len(paths), BURST))


def routed_wrongly(scene):
    """Every public method is asked without a token: its service says so, not the edge and no other service."""
    asked, wrong = 0, []
    methods = list(public_methods(scene.instance.dir))
    for service, number, paths in within_the_burst(methods):
        who = scene.district.issue(f"asks-{service}-{number}")
        with system.System(scene.edge, who, f"{service}.xixinting.example") as caller:
            for path in paths:
                answer = caller.call(path, timeout=3)
                asked += 1
                if answer.code != "UNAUTHENTICATED" or b"TOKEN_INVALID" not in answer.headers.get("grpc-status-details-bin", b""):
                    wrong.append(f"{service} {path}: {answer.code} {answer.text}")
    wait_until("the edge's log", lambda: scene.edge.calls().count('"caller":"CN=asks-') == asked, 30)
    for line in map(json.loads, scene.edge.calls().splitlines()):
        service = line["caller"].removeprefix("CN=asks-").rpartition("-")[0]
        if service in edge.SERVICES and line["service"] != f"127.0.0.1:{scene.instance.ports[service]}":
            wrong.append(f"{service} {line['method']} went to {line['service'] or 'nobody'}")
    print(f"{asked} public methods asked, {len(wrong)} led wrongly")
    wrong += [f"{service} has no public methods" for service in edge.SERVICES if service not in dict(methods)]
    return wrong


def attacks(scene):
    """Yields (title, attack, who)."""
    who = scene.district.issue("attacker")
    for name in ("rapid_reset", "continuation_flood", "settings_flood", "ping_flood", "oversized_headers", *MANY, "idle"):
        yield name, name, who
    yield "rapid_reset, no certificate", "rapid_reset", None
    yield "rapid_reset, revoked certificate", "rapid_reset", scene.stolen


def straight_at(scene):
    """The figures of an attack that does not go through the edge, by who has stolen its certificate."""
    tls = scene.instance.dir / "tls"
    pair = district.Pair(tls / "edge.crt", tls / "edge.key")
    figures = scene.play("rapid_reset, straight at intake", "rapid_reset", scene.instance.ports["intake"], pair)
    os.kill(scene.instance.pids["intake"], signal.SIGKILL)  # it would be a long time at what it was sent
    return figures


def run(scene):
    """Plays everything. Returns what was broken."""
    broken = routed_wrongly(scene)
    for title, name, pair in attacks(scene):
        figures = scene.play(title, name, scene.edge.port, pair)
        print(figures.line())
        broken += [f"{title}: {problem}" for problem in judge.problems(figures)]
        if name == "idle" and figures.sent["connections"] < scene.options.idle:
            broken.append(f"{title}: only {figures.sent['connections']} connections were opened")
    if scene.watch.ended:
        broken.append(f"the watch ended: {scene.watch.ended}")
    figures = straight_at(scene)
    found = judge.problems(figures)
    print(f"{figures.line()}\n  judged: {'; '.join(found) or 'good'}")
    if not found or judge.SENT_NOTHING in found:
        broken.append("an attack straight at a service's port was judged good: the judge sees nothing")
    return broken


def identity(running):
    """The files by which the edge is known to the services, under the names that a Secret has."""
    folder = running.dir / "edge-tls"
    folder.mkdir()
    for name, file in (("tls.crt", "edge.crt"), ("tls.key", "edge.key"), ("ca.crt", "ca.crt")):
        (folder / name).symlink_to(running.dir / "tls" / file)
    return folder


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--idle", type=int, default=10000)
    parser.add_argument("--greet-every", type=int, default=8, help="of idle connections one of that many has spoken TLS")
    parser.add_argument("--keep", action="store_true", help="keep the instance's folder")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if options.idle > most - 500:
        print(f"{most} files may be open: {most - 500} idle connections instead of {options.idle}")
        options.idle = most - 500
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # for the attackers and nginx
    return options


def main():
    options = parse()
    sys.stdout.reconfigure(line_buffering=True)
    began = time.monotonic()
    with Instance(options.keep) as running:
        authority = district.Authority(running.dir / "district")
        stolen = authority.issue("stolen")
        authority.revoke(stolen)
        server = authority.issue("server", ",".join(f"DNS:{service}.xixinting.example" for service in edge.SERVICES))
        with edge.Edge(running.dir / "edge", authority, server, identity(running), running.ports) as front:
            scene = Scene(running, front, authority, stolen, options)
            try:
                broken = run(scene)
            finally:
                scene.end()
        print(f"{time.monotonic() - began:.0f} s in all, with the instance's start")
        for line in broken:
            print(f"BROKEN {line}")
        if broken:
            running.keep = True
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
