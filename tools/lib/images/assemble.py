"""Makes the images of deploy/images/images.yaml from a build: see tools/images."""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

import bom
import debian
import oci
from definition import ROOT, images
from tree import MERGED, Tree

OWN = ROOT / "deploy/images/etc"


def for_tests(build):
    """Returns whether programs of this build do what only tests may ask for; what no build folder is, is a release's."""
    cache = build / "CMakeCache.txt"
    return cache.exists() and "XXT_TEST_CLOCK:BOOL=ON" in cache.read_text(encoding="utf-8")


def stripped(program):
    """Returns the program without what only debuggers read."""
    with tempfile.NamedTemporaryFile() as made:
        subprocess.run(["strip", "--strip-all", "-o", made.name, program], check=True)
        return pathlib.Path(made.name).read_bytes()


def programs_of(image, build):
    """Returns {name: content} of our programs. A release's are the same wherever it was built, so they do not say where."""
    made = {pathlib.Path(program).name: stripped(build / program) for program in image.programs}
    for name, content in made.items():
        if str(ROOT).encode() in content and not for_tests(build):
            sys.exit(f"{name} tells where it was built: {ROOT}")
    return made


def needed(image, build):
    """Returns the names of all packages of an image."""
    programs = [build / program for program in image.programs]
    if image.commands:
        programs += [command for package in image.packages for command in debian.commands(package)]
    return {*image.packages, *debian.owners(debian.loaded(programs))}


def installed(packages):
    """Returns dpkg's list of these packages, which scanners read."""
    said = []
    for package in packages:
        lines = debian.control(package).splitlines()
        said.append("\n".join([lines[0], "Status: install ok installed", *lines[1:]]) + "\n")
    return "\n".join(said)


def system(image, packages):
    """Returns the files that come from Debian."""
    tree = Tree()
    for name in MERGED:
        tree.link(name, f"usr/{name}")
    for package in packages:
        tree.unpack(package.file, image.commands)
    trusted = [entry[2] for path, entry in sorted(tree.entries.items()) if path.startswith("usr/share/ca-certificates/") and entry[2]]
    tree.file("etc/ssl/certs/ca-certificates.crt", b"".join(trusted))
    for file in sorted(OWN.iterdir()):
        tree.file(f"etc/{file.name}", file.read_bytes())
    tree.file("var/lib/dpkg/status", installed(packages).encode())
    return tree


def own(image, programs):
    """Returns the files that are ours."""
    tree = Tree()
    for name, content in programs.items():
        tree.file(f"usr/bin/{name}", content, 0o755)
    for package, path in image.npm.items():
        tree.file(f"usr/bin/{pathlib.Path(path).name}", (ROOT / "tools/node_modules" / package / path).read_bytes(), 0o755)
    for source, path in image.files.items():
        tree.copy(ROOT / source, path)
    for path, target in image.links.items():
        tree.link(path, target)
    return tree


def make(image, build, packages, out, revision, epoch):
    programs = programs_of(image, build)
    with tempfile.TemporaryDirectory(prefix="xixinting-image.", dir=out) as work:
        layers = []
        for holds, tree in (("Debian 12", system(image, packages)), ("Xixinting", own(image, programs))):
            if tree.entries:
                layers.append((holds, pathlib.Path(work) / f"{len(layers)}.tar"))
                tree.write(layers[-1][1], epoch)
        digest = oci.write(image, layers, out / image.key, revision, epoch)
    bom.write(out / f"{image.key}.cdx.json", image, digest, epoch, packages, programs)
    (out / f"{image.key}.packages").write_text(installed(packages), encoding="utf-8")
    print(f"{digest} {image.name}:{image.tag}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--locked", action="store_true")
    parser.add_argument("names", nargs="*", help="all that are defined, if none is named")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    inside = {image: needed(image, arguments.build) for image in images()}
    names = arguments.names or [image.key for image in inside]
    if unknown := set(names) - {image.key for image in inside}:
        sys.exit(f"there is no image {', '.join(unknown)}")
    chosen = debian.choose(sorted(set.union(*inside.values())), arguments.update, arguments.locked)
    debian.download(chosen.values())
    revision = os.environ["REVISION"]
    if for_tests(arguments.build):
        print("these are images of a build for tests: no installation may run them", file=sys.stderr)
        revision += "-for-tests"
    for image, packages in inside.items():
        if image.key in names:
            make(image, arguments.build, [chosen[name] for name in sorted(packages)], arguments.out, revision,
                 int(os.environ["SOURCE_DATE_EPOCH"]))


if __name__ == "__main__":
    sys.exit(main())
