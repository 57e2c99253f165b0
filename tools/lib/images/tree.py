"""Files of a layer, and the tar that is the same whenever it is made of the same files."""

import io
import pathlib
import stat
import subprocess
import tarfile

# Debian 12 has these as links into /usr; its packages name files by both paths.
MERGED = ("bin", "lib", "lib64", "sbin")
COMMANDS = ("usr/bin/", "usr/sbin/", "usr/lib/ssl/misc/", "usr/lib/x86_64-linux-gnu/glib-2.0/", "etc/update-motd.d/")
# What only people read, or programs that are not there.
UNUSED = ("usr/share/base-files/", "usr/share/bash-completion/", "usr/share/bug/", "usr/share/doc-base/", "usr/share/info/",
          "usr/share/lintian/", "usr/share/locale/", "usr/share/man/", "usr/share/perl5/", "usr/share/postgresql-common/",
          "usr/share/debconf/", "usr/share/gcc/", "etc/skel/", "etc/update-motd.d/", "usr/games", "usr/local/games", "usr/local/man", "boot", "home/")


def path_in_image(name):
    """Returns where a path of a package lies: relative to the root, in /usr what Debian moved there."""
    path = pathlib.PurePosixPath(name.lstrip("./") or ".")
    return str("usr" / path if path.parts and path.parts[0] in MERGED else path)


def wanted(path, is_folder, commands):
    at = f"{path}/" if is_folder else path
    if at.startswith("usr/share/doc/"):
        return path.endswith("/copyright") or path.count("/") == 3
    return not at.startswith(UNUSED) and (commands or is_folder or not at.startswith(COMMANDS))


class Tree:
    """Paths relative to the root, with what is there."""

    def __init__(self):
        self.entries = {}

    def put(self, path, kind, mode, content=b"", target=""):
        """Puts what is there at the path, and the folders above it. What was there before is replaced."""
        for parent in pathlib.PurePosixPath(path).parents:
            if str(parent) != ".":
                self.entries.setdefault(str(parent), (tarfile.DIRTYPE, 0o755, b"", ""))
        self.entries[path] = (kind, mode, content, target)

    def file(self, path, content, mode=0o644):
        self.put(path, tarfile.REGTYPE, mode, content)

    def link(self, path, target):
        self.put(path, tarfile.SYMTYPE, 0o777, target=target)

    def folder(self, path, mode=0o755):
        self.put(path, tarfile.DIRTYPE, mode)

    def copy(self, source, path):
        """Puts the files of a folder of the project."""
        for file in sorted(source.rglob("*")):
            if file.is_file():
                self.file(f"{path}/{file.relative_to(source)}", file.read_bytes())

    def unpack(self, deb, commands):
        """Puts the files of a package; its commands only if that is said. Nobody gets another's rights by a file."""
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as process:
            with tarfile.open(fileobj=process.stdout, mode="r|") as members:
                for member in members:
                    self._unpack(members, member, commands)
        if process.returncode:
            raise RuntimeError(f"dpkg-deb cannot read {deb}")

    def _unpack(self, members, member, commands):
        path = path_in_image(member.name)
        mode = member.mode & ~(stat.S_ISUID | stat.S_ISGID)
        if path == "." or path in MERGED or not wanted(path, member.isdir(), commands):
            return
        if member.isdir():
            if path not in self.entries:
                self.folder(path, mode)
        elif member.issym():
            self.link(path, member.linkname)
        elif member.islnk():
            self.entries[path] = self.entries[path_in_image(member.linkname)]
        else:
            self.file(path, members.extractfile(member).read(), mode)

    def write(self, path, epoch):
        """Writes a tar of the files in order, all of them root's and of the time `epoch`."""
        with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
            for name, (kind, mode, content, target) in sorted(self.entries.items()):
                member = tarfile.TarInfo(name)
                member.type, member.mode, member.linkname = kind, mode, target
                member.size, member.mtime = len(content), epoch
                tar.addfile(member, io.BytesIO(content))
