#!/usr/bin/python3
"""Rehearses the loss of the primary under load: nothing that was acknowledged may be lost.

Brings up an instance of its own (tools/dev), makes a standby that commits wait for, and starts the services with both in
their connection strings. Hand-offs come in under request ids that are repeated until they are answered. Then every process
of the primary is killed at once, and after a moment, in which whoever watches would notice, the standby is promoted. Then the
old primary comes back, as a standby, and every connection is cut once more. At last every acknowledged hand-off must be
there once, with its answer and its message. Prints the outage's figures; exit 1 if a promise was broken.

  run_failover.py [--seconds 5] [--notice 2]    load before the loss and after it; time until somebody promotes
"""
import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time
import uuid

from standby import Standby, kill_server, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRESET = os.environ.get("XXT_PRESET", "dev")
SERVICES = ("intake", "referral", "notification")
SENDERS = 8


class Instance:
    def __init__(self):
        self.name = f"failover-{os.getpid()}"
        self.dir = ROOT / "build/run" / self.name
        self.processes = []

    def __enter__(self):
        self.dev("--no-build", "up")
        self.primary = int(next(line.split("=")[1] for line in (self.dir / "env").read_text().splitlines()
                                if "XXT_POSTGRES_PORT=" in line))
        for service in SERVICES:
            os.kill(self.pid(service), signal.SIGKILL)
        self.standby = Standby(self.dir, self.primary)
        return self

    def __exit__(self, kind, *_):
        for process in self.processes:
            process.kill()
            process.wait()
        self.standby.end()
        self.dev("remove" if kind is None else "down")

    def dev(self, *args):
        subprocess.run([ROOT / "tools/dev", "--instance", self.name, *args], check=True, stdout=subprocess.DEVNULL)

    def pid(self, name):
        return int((self.dir / "pids" / name).read_text().split()[0])

    def run(self, name, command, env=None):
        with open(self.dir / "logs" / f"{name}.log", "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=env, cwd="/", start_new_session=True)
        self.processes.append(process)
        return process

    def start(self, service):
        prefix = f"XXT_{service.upper()}__"
        dsn = f"host=127.0.0.1,127.0.0.1 port={self.primary},{self.standby.port} dbname=xxt_{service} user=xxt_{service}"
        self.run(service, [ROOT / f"build/{PRESET}/services/{service}/xxt-{service}", "--config",
                           self.dir / "config" / f"{service}.yaml"], os.environ | {prefix + "POSTGRES__DSN": dsn})

    def cut_connections(self):
        self.standby.sql(self.standby.port,
                         "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename LIKE 'xxt_%'")


class Load:
    def __init__(self, instance):
        self.instance = instance
        self.answers = []  # (when, how long it took, case name)
        self.complaints = []
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.send, args=(i,), daemon=True) for i in range(SENDERS)]

    def send(self, sender):
        chance = random.Random(sender)
        while not self.ending.is_set():
            body = {"request_id": str(uuid.uuid4()), "hand_off": {"counter": "3 号综合窗口", "reason": "缺火化证明"},
                    "case": {"title": "火化证明遗失", "hall": "halls/110102016", "service_item": "丧葬费申领", "parties": [
                        {"role": "ROLE_APPLICANT", "display_name": "试者",
                         "phone_number": f"138{chance.randrange(10**8):08d}"}]}}
            self.ask(json.dumps(body, ensure_ascii=False))

    def ask(self, body):
        """Repeats one request for as long as it takes."""
        command = [ROOT / f"build/{PRESET}/tools/xxt/xxt", "--context", self.instance.dir / "xxt.yaml", "--as", "staff/chen",
                   "-o", "json", "--timeout", "3s", "api", "call", "xixinting.intake.v1.CaseService/HandOffFromCounter", "-d",
                   body]
        began = time.monotonic()
        while time.monotonic() < began + 120:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                now = time.monotonic()
                self.answers.append((now, now - began, json.loads(done.stdout)["case"]["name"].removeprefix("cases/")))
                return
            if done.returncode not in (1, 7):  # xxt: other (an unknown outcome), unavailable or deadline
                break
        self.complaints.append(f"not answered: exit {done.returncode}: {done.stderr[-300:]}")


def judge(instance, load):
    """What was promised and is not there, or there twice."""
    def sql(database, query):
        return instance.standby.sql(instance.standby.port, query, database)
    names = [name for _, _, name in load.answers]
    broken = list(load.complaints)
    kept = set(sql("xxt_intake", "SELECT id FROM intake.cases"))
    broken += [f"lost: case {name}" for name in names if name not in kept]
    answers = int(sql("xxt_intake", "SELECT count(*) FROM backbone.idempotency "
                               "WHERE method LIKE '%HandOffFromCounter'")[0])
    if not len(names) == len(set(names)) == len(kept) == answers:
        broken.append(f"{len(names)} answers, {len(set(names))} of them different; {len(kept)} cases and {answers} answers kept")
    due = "SELECT count(*) FROM backbone.task WHERE lane <> 'desk' AND state <> 'dead' AND due <= now()"
    try:
        wait_until("an empty queue", lambda: all(sql(f"xxt_{s}", due) == ["0"] for s in SERVICES))
    except RuntimeError as error:
        broken.append(str(error))
    told = sql("xxt_notification", "SELECT replace(case_name, 'cases/', '') FROM notification.messages")
    broken += [f"case {name}: {told.count(name)} messages" for name in kept if told.count(name) != 1]
    return broken


def rehearse(seconds, notice, broken):
    """Figures of one loss, by what they are; adds to `broken` what was promised and not kept."""
    with Instance() as instance:
        instance.standby.begin()
        for service in SERVICES:
            instance.start(service)
        load = Load(instance)
        for thread in load.threads:
            thread.start()
        wait_until("the first answers", lambda: len(load.answers) > SENDERS)
        time.sleep(seconds)
        lost_at = time.monotonic()
        kill_server(instance.pid("postgres"))
        time.sleep(notice)
        promoted_at = time.monotonic()
        instance.standby.promote()
        wait_until("answers after the promotion", lambda: any(when > promoted_at for when, _, _ in list(load.answers)), 60)
        time.sleep(seconds)
        instance.standby.bring_back_old_primary()
        instance.cut_connections()
        cut_at = time.monotonic()
        wait_until("answers with the old primary back", lambda: any(when > cut_at + 1 for when, _, _ in list(load.answers)), 60)
        load.ending.set()
        for thread in load.threads:
            thread.join()
        broken += judge(instance, load)
        return figures_of(load, lost_at, promoted_at)


def figures_of(load, lost_at, promoted_at):
    times = sorted(when for when, _, _ in load.answers)
    back_at = next(when for when in times if when > promoted_at)
    return {
        "hand-offs acknowledged": len(load.answers),
        "of them before the loss": sum(when < lost_at for when in times),
        "between loss and promotion": sum(lost_at < when < promoted_at for when in times),
        "loss to promotion, s": promoted_at - lost_at,
        "promotion to first answer, s": back_at - promoted_at,
        "longest without an answer, s": max(b - a for a, b in zip(times, times[1:])),
        "slowest request with its repeats, s": max(took for _, took, _ in load.answers),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--notice", type=float, default=2)
    args = parser.parse_args()
    broken = []
    for words, value in rehearse(args.seconds, args.notice, broken).items():
        print(f"{words}: {value:g}" if isinstance(value, int) else f"{words}: {value:.2f}")
    for line in broken[:20]:
        print("VIOLATION " + line)
    if broken:
        raise SystemExit(1)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    main()
