"""Reads the compile commands of a build, compiled_once_test.py BUILD/compile_commands.json: no source is compiled twice."""

import collections
import json
import pathlib
import sys


def main():
    entries = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    counts = collections.Counter(entry["file"] for entry in entries)
    twice = sorted(file for file, count in counts.items() if count > 1)
    for file in twice:
        print(f"{file} is compiled {counts[file]} times: make it an xxt_test_objects, or link the library that has it")
    return 1 if twice else 0


if __name__ == "__main__":
    sys.exit(main())
