"""A node without a cluster: what an overlay renders is run from the images, each pod at an address of its own, with its volumes,
its user and its environment, as a kubelet would. PostgreSQL and Redis are Debian's, under the manifests' names.

It wants to be root in namespaces of its own: `unshare --mount --net`.
"""

import base64
import os
import pathlib
import shutil
import subprocess
import threading
import time

import grpc

PG = pathlib.Path("/usr/lib/postgresql/15/bin")
HEALTHY = b"\x08\x01"  # grpc.health.v1.HealthCheckResponse, SERVING


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, **options)


def own(path, group, mode):
    os.chown(path, 0, group)
    path.chmod(mode)


def component(made):
    return made["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]


class Node:
    """`objects`: the rendering; `images`: {name: Unpacked}; `folder` is its own."""

    def __init__(self, objects, images, folder):
        self.objects, self.images, self.folder = objects, images, folder
        self.named = {(made["kind"], made["metadata"]["name"]): made for made in objects}
        self.addresses, self.running, self.ended, self.volumes = {}, [], {}, {}
        folder.chmod(0o755)
        self.make_network()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait()

    def make_network(self):
        run("mount", "--make-rprivate", "/")
        pathlib.Path("/run/netns").mkdir(exist_ok=True)
        run("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
        for words in ("link set lo up", "link add pods type bridge", "addr add 10.99.0.1/24 dev pods", "link set pods up"):
            run("ip", *words.split())
        pods = {component(made) for made in self.objects if "template" in made.get("spec", {})}
        for number, name in enumerate(sorted(pods), start=2):
            self.addresses[name] = f"10.99.0.{number}"
            for words in (f"netns add {name}", f"link add v{number} type veth peer name eth0 netns {name}", f"link set v{number} master pods up",
                          f"-n {name} addr add {self.addresses[name]}/24 dev eth0", f"-n {name} link set eth0 up", f"-n {name} link set lo up"):
                run("ip", *words.split())
        hosts = [f"{self.addresses[made['spec']['selector']['app.kubernetes.io/component']]} {made['metadata']['name']}"
                 for made in self.objects if made["kind"] == "Service"]
        for name, lines in (("hosts", ["127.0.0.1 localhost", *hosts]), ("resolv.conf", [])):
            (self.folder / name).write_text("\n".join(lines) + "\n", encoding="ascii")
            (self.folder / name).chmod(0o644)
            for image in self.images.values():
                image.resolve("/etc").joinpath(name).touch()

    def volume(self, pod, volume, group):
        """Returns a folder that holds what the volume does; files belong to root, and to the pod's group."""
        folder = self.folder / f"{pod}-{volume['name']}"
        folder.mkdir()
        own(folder, group, 0o2777)
        source = volume.get("secret") or volume.get("configMap") or {}
        kind, name = ("Secret", source.get("secretName")) if "secret" in volume else ("ConfigMap", source.get("name"))
        if "emptyDir" in volume or (source.get("optional") and (kind, name) not in self.named):
            return folder
        data = self.named[kind, name].get("data") or {}
        for item in source.get("items") or [{"key": key, "path": key} for key in data]:
            text = data[item["key"]]
            (folder / item["path"]).write_bytes(base64.b64decode(text) if kind == "Secret" else text.encode())
            own(folder / item["path"], group, source.get("defaultMode", 0o644))
        return folder

    def volumes_of(self, made):
        name, pod = component(made), made["spec"]["template"]["spec"]
        if name not in self.volumes:
            self.volumes[name] = {one["name"]: self.volume(name, one, pod["securityContext"]["fsGroup"]) for one in pod["volumes"]}
        return self.volumes[name]

    def command(self, made, container, words=None):
        """Returns what runs a container of a pod, or other `words` in its place."""
        security, volumes = made["spec"]["template"]["spec"]["securityContext"], self.volumes_of(made)
        image = self.images[container["image"].rsplit("/", 1)[1].split(":")[0]]
        said = {"PATH": "/usr/bin:/usr/sbin", "LANG": "C.UTF-8"}
        for source in container.get("envFrom", []):
            said |= self.named["ConfigMap", source["configMapRef"]["name"]].get("data") or {}
        said |= {one["name"]: one["value"] for one in container.get("env", [])}
        mounts = [("--ro-bind", self.folder / name, f"/etc/{name}") for name in ("hosts", "resolv.conf")]
        for mount in container.get("volumeMounts", []):
            image.resolve(mount["mountPath"]).mkdir(parents=True, exist_ok=True)
            mounts.append(("--ro-bind" if mount.get("readOnly") else "--bind", volumes[mount["name"]], mount["mountPath"]))
        return [str(word) for word in (
            "ip", "netns", "exec", component(made), "setpriv", f"--reuid={security['runAsUser']}", f"--regid={security['runAsGroup']}",
            f"--groups={security['fsGroup']}", "--no-new-privs", "bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-uts",
            "--die-with-parent", "--cap-drop", "ALL", "--clearenv", *(word for pair in said.items() for word in ("--setenv", *pair)),
            "--ro-bind", image.root, "/", "--proc", "/proc", "--dev", "/dev", *(word for mount in mounts for word in mount), "--",
            *(words or [*container.get("command", []), *container.get("args", [])]))]

    def start(self, kind, name):
        """Starts a pod: its first containers one after the other, then what goes on."""
        made = self.named[kind, name]
        pod = made["spec"]["template"]["spec"]
        commands = [self.command(made, container) for container in [*pod.get("initContainers", []), *pod["containers"]]]
        thread = threading.Thread(target=self.follow, args=(name, commands), daemon=True)
        thread.start()
        return thread

    def follow(self, name, commands):
        for command in commands:
            with open(self.folder / f"{name}.log", "ab") as log:
                process = subprocess.Popen(command, stdout=log, stderr=log)
            self.running.append(process)
            self.ended.setdefault(name, []).append(process.wait())
            if process.returncode:
                return

    def inside(self, name, *words):
        """Returns what a command says in a Deployment's pod, its end with it."""
        made = self.named["Deployment", name]
        command = self.command(made, made["spec"]["template"]["spec"]["containers"][0], words)
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    def health(self, name, part):
        """True if the service says that this part of it serves."""
        with grpc.insecure_channel(f"{self.addresses[name]}:9091") as channel:
            try:
                asked = b"\n" + bytes([len(part)]) + part.encode()
                return channel.unary_unary("/grpc.health.v1.Health/Check")(asked, timeout=2) == HEALTHY
            except grpc.RpcError:
                return False

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def start_redis(self):
        made = self.named["Deployment", "redis"]
        volumes = self.volumes_of(made)
        text = (volumes["config"] / "redis.conf").read_text(encoding="utf-8")
        for there, here in (("/run/secrets/redis", volumes["auth"]), ("/data", volumes["data"])):
            text = text.replace(there, str(here))
        (self.folder / "redis.conf").write_text(text, encoding="utf-8")
        (self.folder / "redis.conf").chmod(0o644)
        self.beside("redis", "redis-server", self.folder / "redis.conf", user="999")

    def start_postgres(self):
        data, made = self.folder / "pg", self.named["StatefulSet", "postgres"]
        password = self.volumes_of(made)["superuser"] / "password"
        password.chmod(0o644)
        data.mkdir()
        shutil.chown(data, "postgres", "postgres")
        run("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", PG / "initdb", "-D", data, "-U", "postgres", "--pwfile", password,
            "--auth=scram-sha-256", "--locale=C.UTF-8", "--encoding=UTF8", stdout=subprocess.DEVNULL)
        (data / "pg_hba.conf").write_text("host all all all scram-sha-256\n", encoding="ascii")
        self.beside("postgres", PG / "postgres", "-D", data, "-c", "listen_addresses=*", "-c", "unix_socket_directories=",
                    *made["spec"]["template"]["spec"]["containers"][0]["args"], user="postgres")

    def beside(self, pod, *words, user):
        """Starts a program of this machine at a pod's address."""
        with open(self.folder / f"{pod}.log", "ab") as log:
            self.running.append(subprocess.Popen(
                ["ip", "netns", "exec", pod, "setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *map(str, words)],
                stdout=log, stderr=log))


def comes(happened, seconds):
    """True as soon as it happened; False if it has not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
