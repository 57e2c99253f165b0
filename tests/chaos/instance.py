"""An instance of the whole suite, whose services are started and killed here."""
import json
import os
import pathlib
import re
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRESET = os.environ.get("XXT_PRESET", "dev")
SERVICES = ("intake", "referral", "notification")
# A crash costs up to a lease: shorter ones make a campaign quick.
SHORTER = {"TASKS__LEASE": "4s", "TASKS__REDELIVER_AFTER": "1s"}


class Instance:
    """Owns build/run/<name>; down and deleted at the end, kept after a failure."""

    def __init__(self, planted):
        self.name = f"chaos-{os.getpid()}-{time.monotonic_ns() % 100000}"
        self.dir = ROOT / "build/run" / self.name
        self.planted = planted
        self.keep = False  # set when somebody will want to look
        self.processes = {}

    def __enter__(self):
        self.dev("--no-build", "up")
        env = (self.dir / "env").read_text()
        self.ports = {key.lower(): int(port) for key, port in re.findall(r"XXT_(\w+)_PORT=(\d+)", env)}
        for service in SERVICES:
            pid = int((self.dir / "pids" / service).read_text().split()[0])
            os.kill(pid, 9)
        return self

    def __exit__(self, kind, *_):
        for process in self.processes.values():
            process.kill()
            process.wait()
        self.dev("remove" if kind in (None, KeyboardInterrupt) and not self.keep else "down")

    def dev(self, *args):
        subprocess.run([ROOT / "tools/dev", "--instance", self.name, *args], check=True, stdout=subprocess.DEVNULL)

    def start(self, service, crash_at=None):
        old = self.processes.get(service)
        if old is not None and old.poll() is None:
            old.kill()
            old.wait()
        env = os.environ | {f"XXT_{service.upper()}__{key}": value for key, value in SHORTER.items()}
        if service == "referral":
            env["XXT_REFERRAL__MAIL__TIMEOUT"] = "1s"  # well inside half a lease
        if service == "notification":
            env["XXT_NOTIFICATION__SMS__TIMEOUT"] = "1s"  # well inside half a lease
            # A campaign at night sends as well.
            env |= {"XXT_NOTIFICATION__SMS__QUIET_UNTIL": "0", "XXT_NOTIFICATION__SMS__QUIET_FROM": "24"}
        if crash_at:
            env["XXT_CRASH_AT"] = crash_at
        if self.planted:
            env["XXT_PLANTED_BUG"] = self.planted
        with open(self.dir / "logs" / f"{service}.log", "ab") as log:
            process = subprocess.Popen(
                [ROOT / f"build/{PRESET}/services/{service}/xxt-{service}", "--config",
                 self.dir / "config" / f"{service}.yaml"], env=env, stdout=log, stderr=log)
        self.processes[service] = process
        return process

    def secret(self, name):
        return (self.dir / "secrets" / name).read_text().strip()

    def sql(self, service, query):
        """Rows of a query, as superuser, as lists of texts."""
        command = ["psql", "-h", "127.0.0.1", "-p", str(self.ports["postgres"]), "-U", "postgres", "-d",
                   f"xxt_{service}", "-At", "-F", "\x1f", "-c", query]
        out = subprocess.run(command, env=dict(os.environ, PGPASSWORD=self.secret("superuser")), check=True,
                             capture_output=True, text=True).stdout
        return [line.split("\x1f") for line in out.splitlines()]

    def http(self, port, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[port]}{path}", data, timeout=10) as answer:
            return json.load(answer)

    def redis(self, *command):
        return subprocess.run(
            ["redis-cli", "-p", str(self.ports["redis"]), "--user", "operator", "--no-auth-warning", "-a",
             self.secret("redis-operator"), *command], capture_output=True, text=True, check=False).stdout

    def flush_redis(self):
        self.redis("FLUSHALL")

    def drop_sms_replies(self):
        self.http("phone", "/control", {"mode": "drop_reply", "count": 2})

    def drop_mail_replies(self, count=1):
        self.http("mail", "/control", {"smtp": "drop_after_data", "count": count})

    def restart(self, name, ready):
        """SIGKILL, then the same command line again."""
        pid = int((self.dir / "pids" / name).read_text().split()[0])
        argv = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
        if name == "redis":  # it rewrites its title
            argv = ["redis-server", str(self.dir / "redis/redis.conf")]
        elif os.geteuid() == 0:
            argv = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *argv]
        os.kill(pid, 9)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:  # the old one's children and port take a moment to go
            with open(self.dir / "logs" / f"{name}.log", "ab") as log:
                process = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True, cwd="/")
            while process.poll() is None and time.monotonic() < deadline:
                if ready():
                    stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
                    (self.dir / "pids" / name).write_text(f"{process.pid} {stat[19]}\n")
                    return
                time.sleep(0.05)
        raise RuntimeError(f"{name} does not come back")

    def hold_writers(self, service, seconds):
        """Nobody writes a task, so no change commits, for that long; what waits may share a commit then."""
        try:
            self.sql(service, f"LOCK TABLE backbone.machine_task IN EXCLUSIVE MODE; SELECT pg_sleep({seconds:.2f})")
        except subprocess.CalledProcessError:
            pass  # PostgreSQL is being killed: slow enough

    def kill_redis(self):
        self.restart("redis", lambda: "PONG" in self.redis("PING"))

    def kill_postgres(self):
        self.restart("postgres", self.postgres_ready)

    def postgres_ready(self):
        return subprocess.run(["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.ports["postgres"])],
                              check=False).returncode == 0

    def settle(self):
        """Waits until no machine task that is due remains, at most 60 s."""
        self.http("phone", "/control", {"mode": "ok"})
        self.http("mail", "/control", {"smtp": "ok"})
        deadline = time.monotonic() + 60
        due = "SELECT count(*) FROM backbone.task WHERE lane <> 'desk' AND state <> 'dead' AND due <= now()"
        hurry = "UPDATE backbone.machine_task SET not_before = now() WHERE state = 'retry' AND not_before > now()"
        while time.monotonic() < deadline:
            for service in SERVICES:  # nobody waits here for a backoff of minutes
                self.sql(service, hurry)
            if all(self.sql(s, due) == [["0"]] for s in SERVICES):
                break
            time.sleep(0.5)
        time.sleep(1)  # receipts
