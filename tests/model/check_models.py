#!/usr/bin/python3
"""Checks the protocol models of this folder with spin, exhaustively, and that each planted bug is found.

A model must hold in every reachable state; with -DBUG=n it must break, by the property that BUGS names. It must be short
enough to be read whole. Compiles with the machine's C compiler. The last line counts what passed and what failed.

Usage: check_models.py [MODEL ...]
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# For each model: which property (the comment at its assertion) finds BUG 1, 2, ...
BUGS = {
    "task": ["P4", "P4", "P2", "P1", "P3", "P1", "P5"],
    "repeats": ["P1", "P3", "P1", "P1", "P4", "P2"],
    "chase": ["P3", "P2", "P4", "P1", "P5", "P7", "P9", "P7", "P8", "P6", "P8"],
    "closing": ["P3", "P1", "P4", "P3", "P2", "P5", "P7", "P6"],
}
MOST_LINES = 100  # of a model
MOST_STEPS = 1_000_000  # of one run of the model; beyond it the search is not complete


def run(command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def lines_of(model):
    with open(os.path.join(HERE, model + ".pml"), encoding="utf-8") as text:
        return len(text.readlines())


def search(model, bug, folder):
    """Returns the broken property ("" if none) and the number of states, or raises RuntimeError."""
    source = model + ".pml"  # a copy: spin writes and looks for its files beside it
    shutil.copy(os.path.join(HERE, source), folder)
    for command in (["spin", f"-DBUG={bug}", "-a", source], ["cc", "-O2", "-w", "-DSAFETY", "-o", "pan", "pan.c"]):
        made = run(command, folder)
        if made.returncode != 0:
            raise RuntimeError(made.stdout + made.stderr)
    report = run(["./pan", f"-m{MOST_STEPS}"], folder).stdout
    states = int(re.search(r"(\d+) states, stored", report).group(1))
    if "errors: 0" in report:
        if "max search depth too small" in report or "out of memory" in report:
            raise RuntimeError("the search was not exhaustive")
        return "", states
    trail = run(["spin", f"-DBUG={bug}", "-t", source], folder).stdout
    failed = re.search(r"\.pml:(\d+), Error: assertion violated", trail)
    if failed is None:
        raise RuntimeError("broke without an assertion: " + report.splitlines()[0])
    with open(os.path.join(folder, source), encoding="utf-8") as lines:
        line = lines.readlines()[int(failed.group(1)) - 1]
    named = re.search(r"/\* (P\d+) ", line)
    if named is None:
        raise RuntimeError("no property is named at: " + line.strip())
    return named.group(1), states


def main():
    passed = failed = 0
    for model in sys.argv[1:] or BUGS:
        if lines_of(model) > MOST_LINES:
            failed += 1
            print(f"FAILED  {model}: {lines_of(model)} lines, more than {MOST_LINES}")
        for bug, wanted in enumerate([""] + BUGS[model]):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    found, states = search(model, bug, folder)
                except RuntimeError as error:
                    found, states = f"error: {error}", 0
            what = f"{model} -DBUG={bug}" if bug else model
            if found == wanted:
                passed += 1
                print(f"ok      {what}: " + (f"{found} finds it" if bug else f"holds in all {states} states"))
            else:
                failed += 1
                print(f"FAILED  {what}: wanted {wanted or 'no error'}, got {found or 'no error'}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
