"""Packages of Debian: which of them a program needs, and their files, of the versions in deploy/images/packages.lock.

apt reads the sources of this machine, but keeps its lists under build/images: neither root is needed, nor lists that are
there and current. What is unpacked into an image is what Debian signed, never what this machine made of it.
"""

import dataclasses
import hashlib
import pathlib
import subprocess
import sys

from definition import ROOT

LOCK = ROOT / "deploy/images/packages.lock"
STATE = ROOT / "build/images/apt"
APT = ["-o", f"Dir::State::Lists={STATE}/lists", "-o", f"Dir::Cache={STATE}/cache", "-o", "APT::Sandbox::User=root",
       "-o", f"Dir::Etc::Preferences={ROOT}/deploy/images/preferences", "-o", "Dir::Etc::PreferencesParts=/dev/null"]


@dataclasses.dataclass(frozen=True)
class Package:
    """A package of one version."""

    name: str
    version: str
    sha256: str

    @property
    def file(self):
        return STATE / "debs" / f"{self.sha256}.deb"


def output(*command, check=True, **options):
    return subprocess.run(command, check=check, stdout=subprocess.PIPE, text=True, **options).stdout


def paragraphs(text):
    """Returns the paragraphs of a control file as {field: value}; of a value the first line alone."""
    return [dict(line.split(": ", 1) for line in one.splitlines() if ": " in line and line[0] != " ")
            for one in text.split("\n\n") if one.strip()]


# Which packages.


def loaded(paths):
    """Returns the files of the libraries that the programs load on this machine."""
    found = set()
    for path in paths:
        for line in output("ldd", path).splitlines():
            if "not found" in line:
                sys.exit(f"{path}: {line.strip()}")
            words = line.split()
            file = next((word for word in words if word.startswith("/")), None)
            if file:
                found.add(pathlib.Path(file).resolve())
    return found


def owners(files):
    """Returns the packages that hold these files. Debian 12 knows some of them by the path before /lib went into /usr."""
    spelled = [str(file) for file in files] + [str(file).removeprefix("/usr") for file in files]
    found = {}
    for line in output("dpkg-query", "--search", *spelled, check=False, stderr=subprocess.DEVNULL).splitlines():
        package, path = line.split(": ", 1)
        found[pathlib.Path(path).resolve()] = package.split(":")[0]
    for file in files:
        if file not in found:
            sys.exit(f"{file} belongs to no package of Debian")
    return set(found.values())


def commands(package):
    """Returns the commands of a package on this machine that load libraries."""
    for line in output("dpkg-query", "--listfiles", package).splitlines():
        path = pathlib.Path(line)
        if {"bin", "sbin"} & set(path.parts) and path.is_file() and not path.is_symlink() and path.read_bytes()[:4] == b"\x7fELF":
            yield path


# Which version of them.


def locked():
    """Returns {name: Package} of the lock."""
    if not LOCK.exists():
        return {}
    lines = [line.split() for line in LOCK.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return {name: Package(name, version, sha256) for name, version, sha256 in lines}


def write_lock(packages):
    lines = [f"{package.name} {package.version} {package.sha256}" for package in sorted(packages, key=lambda one: one.name)]
    LOCK.write_text("# The packages in the images: name, version, SHA-256 of the file. `tools/images --update` writes this.\n" +
                    "\n".join(lines) + "\n", encoding="utf-8")


def update_lists():
    (STATE / "lists/partial").mkdir(parents=True, exist_ok=True)
    (STATE / "cache/archives/partial").mkdir(parents=True, exist_ok=True)
    (STATE / "debs").mkdir(exist_ok=True)
    if subprocess.run(["apt-get", *APT, "--quiet=2", "update"], stdout=sys.stderr).returncode:
        sys.exit("apt-get update failed")


def offered(names, *options):
    """Returns the packages that Debian offers, all versions of each unless `options` say otherwise."""
    shown = paragraphs(output("apt-cache", *APT, *options, "show", *names))
    return [Package(one["Package"], one["Version"], one["SHA256"]) for one in shown if "Filename" in one]


def choose(names, update, strict):
    """Returns {name: Package}: as locked, where that can still be had; with `update` what is current, and locks it."""
    lock = {} if update else locked()
    chosen = {name: lock[name] for name in names if name in lock and lock[name].file.exists()}
    if set(chosen) != set(names):
        update_lists()
        known = set(offered(names))
        current = {package.name: package for package in offered(names, "--no-all-versions")}
        for name in names:
            chosen.setdefault(name, lock[name] if lock.get(name) in known else current[name])
    moved = [f"{name} {lock[name].version if name in lock else 'is new:'} -> {chosen[name].version}"
             for name in sorted(names) if chosen[name] != lock.get(name)]
    if update:
        write_lock(chosen.values())
    elif moved:
        print("Debian no longer has what deploy/images/packages.lock names; `tools/images --update` brings it up to date:",
              *moved, sep="\n  ", file=sys.stderr)
        if strict:
            sys.exit(1)
    return chosen


def download(packages):
    """Gets the files that are not there yet, and sees that each is what was chosen."""
    missing = [package for package in packages if not package.file.exists()]
    if not missing:
        return
    folder = STATE / "new"
    folder.mkdir(exist_ok=True)
    wanted = [f"{package.name}={package.version}" for package in missing]
    if subprocess.run(["apt-get", *APT, "--quiet=2", "download", *wanted], cwd=folder, stdout=sys.stderr).returncode:
        sys.exit("apt-get download failed")
    for file in folder.glob("*.deb"):
        file.rename(STATE / "debs" / f"{hashlib.sha256(file.read_bytes()).hexdigest()}.deb")
    for package in missing:
        if not package.file.exists():
            sys.exit(f"{package.name} {package.version} is not the file that was chosen")


def control(package):
    """Returns the control paragraph of a package's file."""
    return output("dpkg-deb", "--field", package.file)
