#!/usr/bin/env python3
"""Compares what a call costs in two builds, in interleaved rounds of one run, each driven by its own client, and prints
ratios of each round. tools/bench --only paired starts both instances and all the rest that is named in SETTINGS.

Usage: paired.py SETTINGS, a JSON file:
  preset, rounds, seconds, results   results: a file to which every single figure goes, one JSON object a line
  before, after                      {client, port, run}: the load client, intake's port, the instance's folder
  seal                               the program that says what sealing a case costs
  echo, plain, node                  {port, pid}: bare servers over TLS and without, and Node; driven by the client of `after`
  pgbench                            {port, password_file, scripts}: on the PostgreSQL of `after`
"""

import collections
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

CALLERS = 64
GROUP = 32  # cases that one transaction of groups.sql inserts
TICK = os.sysconf("SC_CLK_TCK")


def stat_of(pid):
    """The fields of a process from its state on; empty if it is gone."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return stat[stat.rindex(")") + 2 :].split()


def ticks(pid):
    return sum(int(field) for field in stat_of(pid)[11:13])


def pid_of(run, name):
    return int(pathlib.Path(run, "pids", name).read_text().split()[0])


def children_of(pid):
    found = (int(path.name) for path in pathlib.Path("/proc").glob("[0-9]*"))
    return {other for other in found if int(([*stat_of(other), 0, 0])[1]) == pid}


def postgres_seconds(run):
    """Of the server, its processes, and those that have ended and were waited for."""
    pid = pid_of(run, "postgres")
    used = sum(int(field) for field in stat_of(pid)[11:15])
    return (used + sum(ticks(child) for child in children_of(pid))) / TICK


def await_end(run, living):
    """Waits until the server has waited for all its processes but those LIVING: before, nobody counts what they used."""
    give_up = time.monotonic() + 10
    while children_of(pid_of(run, "postgres")) - living:
        if time.monotonic() > give_up:
            sys.exit("processes of PostgreSQL did not end with their client")
        time.sleep(0.01)


def checked(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout


class Bench:
    def __init__(self, settings):
        self.settings = settings
        self.kept = collections.defaultdict(list)

    def keep(self, key, **figures):
        self.kept[key].append(figures)
        with open(self.settings["results"], "a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, **figures}) + "\n")

    def forget_tasks(self):
        """Empties both queues: what the last measurement left there would be worked on during the next, and nobody
        answers it meanwhile."""
        for tree in (self.settings["before"], self.settings["after"]):
            run = pathlib.Path(tree["run"])
            port = re.search(r"XXT_POSTGRES_PORT=(\d+)", (run / "env").read_text())[1]
            checked(["psql", "-Xq", "--host=127.0.0.1", f"--port={port}", "--username=postgres", "xxt_intake",
                     "--command=TRUNCATE backbone.machine_task"],
                    env=dict(os.environ, PGPASSWORD=(run / "secrets/superuser").read_text().strip()))  # fmt: skip

    def load(self, key, method, tree, port, pid, run=None, plain=False):
        """Drives `port`, whose server is `pid` and whose PostgreSQL, if it has one, is that of the instance `run`."""
        self.forget_tasks()
        tls = pathlib.Path(tree["run"], "tls")
        secure = ["--tls", str(tls)] if tls.exists() and not plain else []  # a tree of before may have none
        server, postgres = ticks(pid) / TICK, postgres_seconds(run) if run else 0
        line = checked([tree["client"], "--target", f"127.0.0.1:{port}", *secure, "--keys", f"{tree['run']}/keys", "--method", method,
                        "--callers", str(CALLERS), "--seconds", str(self.settings["seconds"])])  # fmt: skip
        told = json.loads(line)
        self.keep(key, **told, server_us=1e6 * (ticks(pid) / TICK - server) / told["calls"],
                  postgres_us=1e6 * (postgres_seconds(run) - postgres) / told["calls"] if run else 0)  # fmt: skip

    def pgbench(self, key, script, clients, cases):
        """Runs a script that inserts `cases` at a time."""
        self.forget_tasks()
        settings, run = self.settings["pgbench"], self.settings["after"]["run"]
        password = pathlib.Path(settings["password_file"]).read_text().strip()
        before, living = postgres_seconds(run), children_of(pid_of(run, "postgres"))
        out = checked(["pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=2",
                       f"--time={self.settings['seconds']}", f"--file={settings['scripts']}/{script}.sql",
                       "--host=127.0.0.1", f"--port={settings['port']}", "--username=xxt_intake", "xxt_intake"],
                      env=dict(os.environ, PGPASSWORD=password))  # fmt: skip
        done = next(int(line.split()[-1].split("/")[0]) for line in out.splitlines()
                    if line.startswith("number of transactions actually processed"))  # fmt: skip
        rate = next(float(line.split()[2]) for line in out.splitlines() if line.startswith("tps"))
        await_end(run, living)
        used = 1e6 * (postgres_seconds(run) - before) / (done * cases)
        self.keep(key, rate=rate * cases, server_us=0, postgres_us=used)

    def seal(self):
        self.keep("sealing", **json.loads(checked([self.settings["seal"]])))

    def round(self):
        for method in ("create-case", "hand-off", "get-case"):
            for name in ("before", "after"):
                tree = self.settings[name]
                self.load(f"{name} {method}", method, tree, tree["port"], pid_of(tree["run"], "intake"), tree["run"])
        after, echo, plain, node = (self.settings[name] for name in ("after", "echo", "plain", "node"))
        self.load("plain", "echo", after, plain["port"], plain["pid"], plain=True)
        self.load("echo", "echo", after, echo["port"], echo["pid"])
        self.pgbench("groups", "groups", 2, GROUP)
        self.pgbench("one", "one", 16, 1)
        self.load("node", "create-case", after, node["port"], node["pid"], after["run"])
        self.seal()

    def values(self, key, *fields):
        return [sum(one[field] for field in fields) for one in self.kept[key]]

    def ratios(self, key, anchor, *fields):
        return [a / b for a, b in zip(self.values(key, *fields), self.values(anchor, *fields))]


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def said(found, form):
    return (form + " (" + form + "–" + form + ")").format(statistics.median(found), min(found), max(found))


def judged(what, found, goal, at_most=True, form="{:.2f}"):
    median = statistics.median(found)
    met = median <= goal if at_most else median >= goal
    row(what, said(found, form), f"{'≤' if at_most else '≥'} {goal}", "yes" if met else "NO")


def report(bench):
    settings = bench.settings
    print(f"\npreset {settings['preset']}, {os.cpu_count()} processors, {settings['rounds']} rounds of "
          f"{settings['seconds']} s, {CALLERS} callers\n")  # fmt: skip
    row("what", "per second", "server CPU µs", "PostgreSQL CPU µs", "p50 ms", "p99 ms")
    row(*["---"] * 6)
    for key, kept in bench.kept.items():
        if key == "sealing":
            continue
        waits = [said(bench.values(key, field), "{:.1f}") if field in kept[0] else "–" for field in ("p50_ms", "p99_ms")]
        row(key, said(bench.values(key, "rate"), "{:,.0f}"), said(bench.values(key, "server_us"), "{:.0f}"),
            said(bench.values(key, "postgres_us"), "{:.0f}"), *waits)  # fmt: skip
    print()
    row("ratio per round", "median (min–max)", "goal", "met")
    row(*["---"] * 4)
    for method in ("create-case", "hand-off"):
        judged(f"{method}: server CPU after : before", bench.ratios(f"after {method}", f"before {method}", "server_us"), 0.45)
        judged(f"{method}: PostgreSQL CPU after : before", bench.ratios(f"after {method}", f"before {method}", "postgres_us"), 0.6)
    judged("get-case : bare echo, per second", bench.ratios("after get-case", "echo", "rate"), 0.5, at_most=False)
    for what, field in (("per second", "rate"), ("server CPU", "server_us")):
        row(f"bare echo over TLS : in plaintext, {what}", said(bench.ratios("echo", "plain", field), "{:.2f}"), "–", "–")
    sealing = [seal - plain for seal, plain in zip(bench.values("sealing", "sealed_us"), bench.values("sealing", "open_us"))]
    judged("create-case: sealing : CPU of server and PostgreSQL",
           [us / all_ for us, all_ in zip(sealing, bench.values("after create-case", "server_us", "postgres_us"))], 0.1)
    judged("create-case: p99 ms", bench.values("after create-case", "p99_ms"), 20, form="{:.1f}")
    floor = [a + b for a, b in zip(bench.values("echo", "server_us"), bench.values("groups", "postgres_us"))]
    for name, goal in (("after create-case", 2.5), ("before create-case", None), ("node", None), ("one", None)):
        cost = [a / b for a, b in zip(bench.values(name, "server_us", "postgres_us"), floor)]
        what = f"{name}: CPU of server and PostgreSQL : bare echo and groups of {GROUP}"
        if goal is None:
            row(what, said(cost, "{:.2f}"), "–", "–")
        else:
            judged(what, cost, goal)
    errors = {key: sum(one.get("errors", 0) for one in kept) for key, kept in bench.kept.items()}
    print("\nerrors: " + (", ".join(f"{key} {count}" for key, count in errors.items() if count) or "0"))


def main():
    bench = Bench(json.loads(pathlib.Path(sys.argv[1]).read_text()))
    for number in range(1, bench.settings["rounds"] + 1):
        print(f"round {number} of {bench.settings['rounds']}", file=sys.stderr)
        bench.round()
    report(bench)


if __name__ == "__main__":
    main()
