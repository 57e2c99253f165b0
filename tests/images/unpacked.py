"""An image, unpacked by umoci, and its programs run in it as a pod would: as user 10001, the root for reading only."""

import os
import pathlib
import signal
import subprocess
import threading

USER = 10001


class Unpacked:
    """The files of an image in `folder`, and what is mounted into them as {path in the image: folder here}."""

    def __init__(self, layout, reference, folder):
        as_root = [] if os.geteuid() == 0 else ["--rootless"]
        subprocess.run(["umoci", "unpack", *as_root, "--image", f"{layout}:{reference}", folder], check=True)
        folder.chmod(0o755)
        self.root = folder / "rootfs"
        self.mounts = {}

    def mount(self, path, source, writable=False):
        """Mounts a folder, for which the image needs no place: who runs containers makes it."""
        self.resolve(path).mkdir(parents=True, exist_ok=True)
        self.mounts[path] = ("--bind" if writable else "--ro-bind", source)

    def command(self, *words):
        """Returns the command that runs `words` in the image: by bubblewrap, where this machine may make namespaces."""
        variables = {"PATH": "/usr/bin:/usr/sbin", "LANG": "C.UTF-8"}
        if os.geteuid() == 0:
            user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
            own = []
        else:
            user = []
            own = ["--unshare-user", "--uid", str(USER), "--gid", str(USER)]
        mounts = [word for path, (how, source) in self.mounts.items() for word in (how, source, path)]
        setting = [word for name, value in variables.items() for word in ("--setenv", name, value)]
        return [*user, "bwrap", *own, "--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--clearenv", *setting,
                "--ro-bind", self.root, "/", "--proc", "/proc", "--dev", "/dev", *mounts, "--", *words]

    def run(self, *words, **options):
        return subprocess.run(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, **options)

    def until(self, word, *words):
        """Returns what a program said until it said `word`, or ended, or 30 s were over."""
        said = []
        with subprocess.Popen(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              start_new_session=True) as process:
            late = threading.Timer(30, lambda: os.killpg(process.pid, signal.SIGKILL))
            late.start()
            for line in process.stdout:
                said.append(line)
                if word in line:
                    break
            late.cancel()
            os.killpg(process.pid, signal.SIGKILL)
        return "".join(said)

    def files(self):
        """Returns the paths of all that is not a folder."""
        return {"/" + str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_symlink() or path.is_file()}

    def resolve(self, path):
        """Returns where a path leads inside the image."""
        at = pathlib.PurePosixPath("/")
        parts = list(pathlib.PurePosixPath(path).parts[1:])
        while parts:
            at = pathlib.PurePosixPath(os.path.normpath(at / parts.pop(0)))
            here = self.root / str(at)[1:]
            if here.is_symlink():
                target = pathlib.PurePosixPath(os.readlink(here))
                parts = [*(target.parts[1:] if target.is_absolute() else target.parts), *parts]
                at = pathlib.PurePosixPath("/") if target.is_absolute() else at.parent
        return self.root / str(at)[1:]
