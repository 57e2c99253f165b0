"""An instance of the whole suite: its stores and simulators, the proxies before them, and how to ask them."""
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.request

import client
from client import ROOT

sys.path.append(str(ROOT / "tests/failover"))
import standby  # pylint: disable=wrong-import-position

PRESET = os.environ.get("XXT_PRESET", "dev")
BIN = ROOT / "build" / PRESET
SERVICES = ("intake", "referral", "notification")
CALLERS = ("staff/chen", "staff/wang", "staff/zhao-li", "staff/district")
PYTHON = "/usr/bin/python3"
LIBFAKETIME = next(map(str, pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), "")


def free_ports(count):
    """The first of that many free ports in a row, below those the kernel gives away."""
    script = f'source "{ROOT}/tools/lib/process.sh" && free_ports {count}'
    return int(subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True).stdout)


class Tokens(dict):
    """Bearer tokens by caller; made anew before they expire."""

    def __init__(self, context):
        super().__init__()
        self.context = context
        self.made = {}
        self.lock = threading.Lock()

    def __missing__(self, caller):
        raise KeyError(caller)

    def __getitem__(self, caller):
        with self.lock:
            if time.monotonic() - self.made.get(caller, -1e9) > 240:
                self[caller] = client.mint(BIN / "tools/xxt/xxt", self.context, caller)
                self.made[caller] = time.monotonic()
            return super().__getitem__(caller)


class Instance:
    """Owns build/run/<name>; deleted at the end, kept when `keep` is set."""

    def __init__(self, options):
        self.name = f"chaos-{os.getpid()}-{time.monotonic_ns() % 100000}"
        self.dir = ROOT / "build/run" / self.name
        self.options = options  # see Options in campaign.py
        self.keep = False
        self.schema = None
        self.proxy = None
        self.standby = None
        self.control_lock = threading.Lock()

    def __enter__(self):
        try:
            self.dev("--no-build", "up")
            self.read_ports()
            self.schema = client.Schema(self.dir)
            for service in SERVICES:  # replicas.py starts its own
                os.kill(int((self.dir / "pids" / service).read_text().split()[0]), 9)
            if self.options.forgetful:
                self.restart_phone_without_memory()
            self.start_proxies()
            if self.options.failover:
                self.standby = standby.Standby(self.dir, self.ports["postgres"])
                self.standby.begin()
            self.http("bodies", "/archive/control", {"silent": True})  # answers are the load's
        except BaseException:
            self.dev("down")
            raise
        return self

    def __exit__(self, kind, *_):
        if self.proxy is not None:
            self.proxy.kill()
            self.proxy.wait()
        if self.standby is not None:
            self.standby.end()
        self.dev("remove" if kind in (None, KeyboardInterrupt) and not self.keep else "down")

    def dev(self, *args):
        done = subprocess.run([ROOT / "tools/dev", "--instance", self.name, *args], check=False, capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise RuntimeError(f"tools/dev {' '.join(args)}: {done.stderr[-500:]}")

    def read_ports(self):
        env = (self.dir / "env").read_text()
        self.ports = {key.lower(): int(port) for key, port in re.findall(r"XXT_(\w+)_PORT=(\d+)", env)}
        first = free_ports(6 * len(SERVICES))
        # Of gRPC, metrics and health.
        self.replica_ports = {service: [range(first + 6 * i + 3 * r, first + 6 * i + 3 * r + 3) for r in range(2)]
                              for i, service in enumerate(SERVICES)}

    def start_proxies(self):
        """One route per connection that may break; the services' own have both replicas behind them."""
        routes = {f"pg-{service}": [self.ports["postgres"]] for service in SERVICES}
        routes |= {"redis": [self.ports["redis"]], "smtp": [self.ports["smtp"]], "imap": [self.ports["imap"]],
                   "sms": [self.ports["phone"]]}
        routes |= {service: [ports[0] for ports in self.replica_ports[service]] for service in SERVICES}
        args = [PYTHON, ROOT / "tools/sim/tcp_proxy.py", "--http-port", "0"]
        for name, upstreams in routes.items():
            args += ["--route", f"{name}=0=" + ",".join(f"127.0.0.1:{port}" for port in upstreams)]
        with open(self.dir / "logs/proxy.log", "ab") as log:
            self.proxy = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=log, text=True)
        self.proxied = {key: int(port) for key, port in re.findall(r"(\S+)=(\d+)", self.proxy.stdout.readline())}
        self.ports["proxy"] = self.proxied["http"]

    def client(self, more=()):
        context = self.dir / "xxt.yaml"
        return client.Client(self.schema, {s: self.proxied[s] for s in SERVICES}, context, Tokens(context), more)

    def secret(self, name):
        return (self.dir / "secrets" / name).read_text().strip()

    def sql(self, service, query, timeout=60):
        """Rows of a query, as superuser and past every proxy, as lists of texts."""
        command = [standby.POSTGRES / "psql", "-X", "-h", "127.0.0.1", "-p", str(self.ports["postgres"]), "-U", "postgres", "-d",
                   f"xxt_{service}" if service else "postgres", "-qAt", "-F", "\x1f", "-R", "\x1e", "-v",
                   "ON_ERROR_STOP=1", "-c", query]
        done = subprocess.run(command, env=dict(os.environ, PGPASSWORD=self.secret("superuser"), PGOPTIONS=
                              "-c default_transaction_read_only=off"), capture_output=True, text=True, timeout=timeout,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"psql {service}: {done.stderr.strip()[-500:]}")
        return [line.split("\x1f") for line in done.stdout.rstrip("\n").split("\x1e")] if done.stdout.strip() else []

    def records(self, service, table, order="1"):
        """All rows of a table or view, as dicts."""
        rows = self.sql(service, f"SELECT to_jsonb(t) FROM (SELECT * FROM {table} ORDER BY {order}) AS t")
        return [json.loads(row[0]) for row in rows]

    def http(self, port, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[port]}{path}", data, timeout=20) as answer:
            return json.load(answer)

    def break_route(self, route, **how):
        with self.control_lock:
            return self.http("proxy", "/control", {"route": route, **how})

    def heal_routes(self):
        for route in self.proxied:
            if route != "http":
                self.break_route(route, mode="ok")

    def proxy_counters(self):
        return {route: self.http("proxy", f"/control?route={route}") for route in self.proxied if route != "http"}

    def redis(self, *command):
        return subprocess.run(
            ["redis-cli", "-p", str(self.ports["redis"]), "--user", "operator", "--no-auth-warning", "-a",
             self.secret("redis-operator"), *command], capture_output=True, text=True, check=False).stdout

    def pid_of(self, name):
        return int((self.dir / "pids" / name).read_text().split()[0])

    def restart(self, name, argv, ready):
        """SIGKILL, then `argv`, as often as it takes until `ready` says yes."""
        os.kill(self.pid_of(name), 9)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:  # the old one's children and port take a moment to go
            if self.standby is not None:
                self.standby.reap()
            with open(self.dir / "logs" / f"{name}.log", "ab") as log:
                process = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True, cwd="/")
            while process.poll() is None and time.monotonic() < deadline:
                if ready():
                    self.note_pid(name, process.pid)
                    return
                time.sleep(0.05)
            time.sleep(0.1)
        raise RuntimeError(f"{name} does not come back")

    def note_pid(self, name, pid):
        started = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
        (self.dir / "pids" / name).write_text(f"{pid} {started}\n")

    def argv_of(self, name):
        return pathlib.Path(f"/proc/{self.pid_of(name)}/cmdline").read_bytes().split(b"\0")[:-1]

    def restart_redis(self, *settings):
        def ready():
            return "PONG" in self.redis("PING") or "LOADING" in self.redis("PING")
        self.restart("redis", ["redis-server", str(self.dir / "redis/redis.conf"), *settings], ready)

    def restart_postgres(self):
        argv = self.argv_of("postgres")
        if os.geteuid() == 0:
            argv = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *argv]
        self.restart("postgres", argv, self.postgres_ready)

    def fail_over(self, notice_s):
        """The primary is lost, and after that time the standby is promoted and takes its place at every route."""
        standby.kill_server(self.pid_of("postgres"))
        time.sleep(notice_s)
        self.standby.promote()
        self.ports["postgres"] = self.standby.port
        self.note_pid("postgres", self.standby.process.pid)
        for route in self.proxied:
            if route.startswith("pg-"):
                self.break_route(route, mode="ok", upstreams=[f"127.0.0.1:{self.standby.port}"])

    def postgres_ready(self):
        return subprocess.run(["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.ports["postgres"])],
                              check=False).returncode == 0

    def restart_phone_without_memory(self):
        """And with receipts that come when a task has long been taken over: they hide what happens before."""
        argv = [*self.argv_of("phone"), "--window-s", "0", "--receipt-delay-ms", "7000"]
        self.restart("phone", argv, lambda: self.answers("phone"))

    def answers(self, port):
        try:
            return bool(self.http(port, "/control"))
        except OSError:
            return False

    def advance_business_time(self, seconds):
        clock = self.dir / "clock"
        now = int(clock.read_text().strip() or 0)
        (self.dir / "clock.next").write_text(f"{now + seconds}\n")
        (self.dir / "clock.next").rename(clock)

    def business_now(self):
        return time.time() + int((self.dir / "clock").read_text().strip() or 0)
