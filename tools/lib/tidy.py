"""Runs clang-tidy on sources, but not on what it has passed already.

Usage: /usr/bin/python3 tools/lib/tidy.py BUILD < FILES

FILES are paths, one a line, of sources that BUILD, a built folder of CMake and ninja, compiles; others are passed over.
Findings go to standard output, progress to standard error; the exit code is 1 if there are any.

What passed is remembered in BUILD/tidy under a key made of all that a verdict depends on: clang-tidy, its
configuration, the command, and the contents of the source and of everything it includes, as ninja knows that from the
last build. A source of which ninja does not know it is read each time.
"""

import concurrent.futures
import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

TIDY = ("clang-tidy", "-quiet", "-checks=xxt-own-code")  # besides those of .clang-tidy
OWN_CODE = "tools/tidy/libxxt_own_code.so"  # what has the checks walk through our own code only; in BUILD
KEPT_DAYS = 30


@dataclasses.dataclass
class Source:
    path: pathlib.Path
    arguments: list  # of the compiler, without a precompiled header
    rests_on: list   # absolute paths: the source, all it includes, the plug-in; empty if that is not known


def without_precompiled(arguments):
    """Returns the compiler's ARGUMENTS without a precompiled header: a source must include what it uses. CMake writes
    -Xclang -include-pch -Xclang FILE.pch -Xclang -include -Xclang FILE."""
    if "-include-pch" in arguments:
        first = arguments.index("-include-pch") - 1
        arguments = arguments[:first] + arguments[first + 8:]
    return [argument for argument in arguments if argument != "-Winvalid-pch"]


def compiled_of(build):
    """Returns {output: paths of what it was made of}, all absolute, for what is as ninja left it."""
    text = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    found = {}
    for block in text.split("\n\n"):
        head, _, lines = block.partition("\n")
        if head.endswith("(VALID)"):
            paths = [os.path.normpath(build / line.strip()) for line in lines.splitlines()]
            found[os.path.normpath(build / head.split(": #deps")[0])] = paths
    return found


def sources_of(build, names):
    """Returns those of NAMES that the build compiles, as the first target does that has them."""
    wanted = {str(pathlib.Path(name).absolute()) for name in names}
    made_of = compiled_of(build)
    sources = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        if entry["file"] in wanted and entry["file"] not in sources:
            arguments = without_precompiled(shlex.split(entry["command"]))
            output = os.path.normpath(build / arguments[arguments.index("-o") + 1])
            rests_on = [*made_of[output], str(build / OWN_CODE)] if output in made_of else []
            sources[entry["file"]] = Source(pathlib.Path(entry["file"]), arguments, rests_on)
    return list(sources.values())


@functools.cache
def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


@functools.cache
def configurations(folder):
    """Returns every .clang-tidy by which what stands in FOLDER may be judged."""
    return [str(file) for parent in (folder, *folder.parents) if (file := parent / ".clang-tidy").is_file()]


@functools.cache
def version():
    return subprocess.run([TIDY[0], "--version"], capture_output=True, text=True, check=True).stdout


def key_of(source):
    """Returns what names a verdict on SOURCE, or nothing if not all is known that it depends on."""
    if not source.rests_on:
        return None
    parts = [version(), *TIDY, *source.arguments]
    try:
        for path in (*source.rests_on, *configurations(source.path.parent)):
            parts += path, digest(path)
    except OSError:
        return None
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def unchanged_since(begun, source):
    """Whether what was read is what the key was made of."""
    try:
        return all(os.stat(path).st_mtime < begun for path in source.rests_on)
    except OSError:
        return False


class Passed:
    """The keys of what passed, a file each."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, key):
        (self.folder / key).touch()

    def has(self, key):
        if key is None or not (self.folder / key).exists():
            return False
        self.add(key)  # used today
        return True

    def forget_unused(self):
        for file in self.folder.iterdir():
            if file.stat().st_mtime < time.time() - KEPT_DAYS * 86400:
                file.unlink(missing_ok=True)


def findings_of(folder, source):
    """Returns what clang-tidy says of SOURCE by the commands in FOLDER, "" if it passes."""
    command = [*TIDY, f"-load={folder.parent / OWN_CODE}", "-p", folder, source.path]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode == 0 and "warning:" not in run.stdout:
        return ""
    return run.stdout or run.stderr or f"{source.path}: clang-tidy ended with {run.returncode}\n"


def read_all(folder, sources, begun):
    """Yields each source with its findings, as they come."""
    commands = [{"directory": str(folder.parent), "file": str(source.path), "arguments": source.arguments}
                for source in sources]
    (folder / "compile_commands.json").write_text(json.dumps(commands, indent=1), encoding="utf-8")
    pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    try:
        reading = {pool.submit(findings_of, folder, source): source for source in sources}
        for done, future in enumerate(concurrent.futures.as_completed(reading), start=1):
            source = reading[future]
            print(f"[{done}/{len(sources)} {time.time() - begun:.0f}s] {source.path}", file=sys.stderr, flush=True)
            yield source, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def main():
    begun = time.time()
    build = pathlib.Path(sys.argv[1]).absolute()
    sources = sources_of(build, sys.stdin.read().splitlines())
    passed = Passed(build / "tidy/passed")
    keys = {source.path: key_of(source) for source in sources}
    due = [source for source in sources if not passed.has(keys[source.path])]
    print(f"clang-tidy reads {len(due)} of {len(sources)} files; the others are as it passed them", file=sys.stderr)

    clean = True
    for source, findings in read_all(build / "tidy", due, begun):
        if findings:
            clean = False
            print(findings, flush=True)
        elif keys[source.path] and unchanged_since(begun, source):
            passed.add(keys[source.path])
    passed.forget_unused()
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
