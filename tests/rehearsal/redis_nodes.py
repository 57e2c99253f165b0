"""Three Redis with their sentinels and the proxy before them, as deploy/components/redis-sentinel has them.

Its files are what runs here; pods' names become addresses of loopback, and the paths of their volumes folders of a node.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess

from stage import BIN, ROOT, wait_until

COMPONENT = ROOT / "deploy/components/redis-sentinel"
NODES = (0, 1, 2)
PROXY = 9
SETTLED_WITHIN_S = 90


class RedisNodes:
    """Owns its processes until end(). `folder` does not exist yet."""

    def __init__(self, folder):
        self.folder = folder
        self.net = f"127.{os.getpid() // 250 % 200 + 20}.{os.getpid() % 250 + 1}"
        self.processes = {}  # (what, node) -> process
        self.make_secrets()
        for node in NODES:
            self.make_node(node)
        (folder / "haproxy.cfg").write_text(self.proxy_config())

    def address(self, node):
        return f"{self.net}.{node + 1}"

    @property
    def proxy(self):
        return f"{self.net}.{PROXY}"

    @property
    def password_file(self):
        return self.folder / "tree/deploy/components/secrets/secrets/redis"

    def make_secrets(self):
        """By the installation's own script, in a copy of its folder."""
        secrets = self.folder / "tree/deploy/components/secrets"
        secrets.mkdir(parents=True)
        (self.folder / "tree/deploy/components/postgres-dev").mkdir()
        (self.folder / "tree/tools").symlink_to(ROOT / "tools")
        shutil.copy(ROOT / "deploy/components/secrets/make", secrets)
        subprocess.run([secrets / "make", BIN / "tools/xxt/xxt"], check=True, capture_output=True)
        self.secrets = secrets / "redis"

    def make_node(self, node):
        home = self.folder / str(node)
        for name in ("etc", "secrets", "data"):
            (home / name).mkdir(parents=True)
        for name in ("start.sh", "redis.conf", "sentinel.conf"):
            (home / "etc" / name).write_text(self.on_loopback((COMPONENT / name).read_text(), node))
        shutil.copy(self.secrets / "users.acl", home / "secrets")
        for name in ("replication.conf", "sentinel.conf"):
            text = (self.secrets / name).read_text()
            (home / "secrets" / name).write_text(f"{text}bind {self.address(node)}\n")

    def on_loopback(self, text, node):
        """A file of the component, as this node has it."""
        home = self.folder / str(node)
        paths = {"/etc/redis": home / "etc", "/run/secrets/redis": home / "secrets", "/data": home / "data"}
        text = re.sub(r"/etc/redis|/run/secrets/redis|/data\b", lambda found: str(paths[found.group()]), text)
        text = text.replace("me=$(hostname)", f"me={self.address(node)}")
        text = text.replace("redis-0 redis-1 redis-2", " ".join(map(self.address, NODES)))
        text = text.replace("redis-[0-2].redis-nodes", f"{self.net}.[1-3]")
        return self.named(text.replace("$node.redis-nodes", "$node").replace("$me.redis-nodes", "$me"))

    def named(self, text):
        """With addresses for names of pods. A name that is left is one that this file does not know."""
        text = re.sub(r"redis-([0-2])\.redis-nodes(\.\$\{NAMESPACE\}\.svc\.cluster\.local)?",
                      lambda found: self.address(int(found.group(1))), text)
        if "redis-nodes" in text or "$(hostname)" in text:
            raise RuntimeError("deploy/components/redis-sentinel has changed: " + text)
        return text

    def proxy_config(self):
        text = self.named((COMPONENT / "haproxy.cfg").read_text())
        # Addresses need no looking up.
        text = re.sub(r"resolvers cluster\n(  .*\n)+", "", text).replace(" resolvers cluster init-addr none", "")
        return re.sub(r"bind :(\d+)", lambda found: f"bind {self.proxy}:{found.group(1)}", text)

    def start(self, what, node, *command):
        with open(self.folder / f"{what}-{node}.log", "ab") as log:
            self.processes[what, node] = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True)

    def start_node(self, node):
        for what in ("redis", "sentinel"):
            self.start(what, node, "sh", self.folder / str(node) / "etc/start.sh", what)

    def start_all(self):
        for node in NODES:
            self.start_node(node)
        self.start("proxy", PROXY, "haproxy", "-W", "-db", "-f", self.folder / "haproxy.cfg")

    def lose(self, *nodes):
        """All processes of these at once."""
        lost = [key for key in self.processes if key[1] in nodes]
        for key in lost:
            # A process group: haproxy has a worker.
            os.killpg(self.processes[key].pid, signal.SIGKILL)
        for key in lost:
            self.processes.pop(key).wait()

    def role(self, address):
        """What the server there says of itself, as lines; none if nobody answers."""
        done = subprocess.run(["timeout", "2", "redis-cli", "-h", address, "role"], capture_output=True, text=True, check=False)
        return done.stdout.splitlines() if done.returncode == 0 else []

    def master(self):
        """The node that is master, or None."""
        return next((node for node in NODES if self.role(self.address(node))[:1] == ["master"]), None)

    def leads_to_master(self):
        return self.role(self.proxy)[:1] == ["master"]

    def whole(self):
        """Whether there is a master with two replicas, which the sentinels know."""
        role = self.role(self.proxy)
        return role[:1] == ["master"] and sum(line.startswith(self.net) for line in role) == 2 and all(
            self.replicas_known(node) == 2 for node in NODES)

    def replicas_known(self, node):
        done = subprocess.run(["timeout", "2", "redis-cli", "-h", self.address(node), "-p", "26379", "sentinel", "replicas", "xixinting"],
                              capture_output=True, text=True, check=False)
        return done.stdout.splitlines().count("role-reported")

    def await_whole(self):
        return wait_until("a master with two replicas", self.whole, SETTLED_WITHIN_S)

    def end(self):
        self.lose(*NODES, PROXY)


def folder_of(instance):
    return pathlib.Path(instance.dir) / "sentinel"
