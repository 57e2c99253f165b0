"""The edge as the cluster runs it, on loopback: the same nginx.conf and start.sh, other addresses beside them."""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPONENT = ROOT / "deploy/components/edge"
SERVICES = ("intake", "referral", "notification")
LOOK_EVERY_S = "0.2"


def free_ports(count):
    script = f'source "{ROOT}/tools/lib/process.sh" && free_ports {count}'
    return int(subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True).stdout)


def rss_mb(pid):
    """Resident memory of a process; 0 if it is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except FileNotFoundError:
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+) kB", text)
    return int(found.group(1)) / 1024 if found else 0.0


class Edge:
    """Owns `folder`. `district` is whom it takes certificates of, `server` its own for them; `tls` holds the files tls.crt
    and tls.key by which services know it, and ca.crt; `upstreams` are {service: port}; `shutdown`: how soon it ends what is
    open after it was told of other certificates."""

    def __init__(self, folder, district, server, tls, upstreams, shutdown=None):
        self.folder, self.district = folder, district
        self.port = free_ports(3)
        self.health, self.metrics = self.port + 1, self.port + 2
        self.process = None
        conf = folder / "edge"
        for path in (conf, folder / "server", folder / "clients", folder / "prefix"):
            path.mkdir(parents=True)
        for name in ("nginx.conf", "start.sh", "metrics"):
            shutil.copy(COMPONENT / name, conf)
        self.rewrite("listen.conf", r"^listen \d+", f"listen 127.0.0.1:{self.port}")
        self.rewrite("health.conf", r"^listen \d+", f"listen 127.0.0.1:{self.health}")
        self.rewrite("metrics.conf", r"^listen \d+", f"listen 127.0.0.1:{self.metrics}")
        self.rewrite("metrics.conf", r"^root .*;", f"root {conf};")
        if os.geteuid() == 0:  # else its workers, who are nobody then, may not read what lies here
            self.rewrite("nginx.conf", r"^daemon off;", "daemon off;\nuser root;")
        if shutdown:
            self.rewrite("nginx.conf", r"worker_shutdown_timeout \w+;", f"worker_shutdown_timeout {shutdown};")
        for service in SERVICES:
            self.rewrite("upstreams.conf", rf"server {service}-grpc:\d+", f"server 127.0.0.1:{upstreams[service]}")
        self.point("server/tls.crt", server.certificate)
        self.point("server/tls.key", server.key)
        (folder / "clients/ca.crt").symlink_to(district.ca)
        (folder / "clients/ca.crl").symlink_to(district.crl)
        (folder / "tls").symlink_to(tls)

    def rewrite(self, name, pattern, instead):
        there = self.folder / "edge" / name
        text = (there if there.exists() else COMPONENT / name).read_text(encoding="utf-8")
        text, count = re.subn(pattern, instead, text, flags=re.MULTILINE)
        if count != 1:
            raise ValueError(f"{name} does not say {pattern} once")
        there.write_text(text, encoding="utf-8")

    def point(self, name, file):
        """Makes the edge find that file under this name, in one step."""
        following = self.folder / f"{name}.next"
        following.symlink_to(file)
        following.rename(self.folder / name)

    def __enter__(self):
        with open(self.folder / "calls.log", "ab") as calls, open(self.folder / "errors.log", "ab") as errors:
            self.process = subprocess.Popen(
                ["sh", self.folder / "edge/start.sh", self.folder / "prefix"], stdout=calls, stderr=errors,
                env=os.environ | {"XXT_EDGE_LOOK_EVERY": LOOK_EVERY_S}, start_new_session=True)
        deadline = time.monotonic() + 20
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f"nginx does not start: {self.errors()[-500:]}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.health}/ready", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, socket.timeout, ConnectionError):
            return False

    def page(self):
        """What Prometheus is told."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/metrics", timeout=5) as answer:
            return answer.read().decode()

    def told(self):
        """Returns {metric: value} of that page."""
        return {name: int(value) for name, value in re.findall(r"^(\w+) (\d+)$", self.page(), re.MULTILINE)}

    def errors(self):
        return (self.folder / "errors.log").read_text(encoding="utf-8", errors="replace")

    def calls(self):
        return (self.folder / "calls.log").read_text(encoding="utf-8")

    def children(self):
        """nginx's workers, and what looks after its certificates."""
        pid = self.process.pid
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()

    def rss_mb(self):
        """Of nginx and its workers."""
        return sum(rss_mb(one) for one in (self.process.pid, *self.children()))

    def revoke(self, pair, seconds=30):
        """Returns when no worker is left that took the certificate."""
        before, deadline = self.children(), time.monotonic() + seconds
        self.district.revoke(pair)
        while self.children() == before or len(self.children()) != len(before):
            if time.monotonic() > deadline:
                raise RuntimeError(f"nginx has not taken the new list within {seconds} s")
            time.sleep(0.05)
