#!/usr/bin/python3
"""Whoever waits for the lock of another script is told whose it is (tools/lib/lock.sh)."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Says when it has the lock, and keeps it until it is told to end.
SCRIPT = f"""
set -euo pipefail
source "{ROOT}/tools/lib/say.sh"
source "{ROOT}/tools/lib/lock.sh"
hold_lock "$1" 9
echo held
read -r _
"""


class Lock(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.lock = self.folder / "some.lock"
        self.scripts = []
        self.addCleanup(self.end_all)

    def start(self, name):
        script = self.folder / name
        script.write_text(SCRIPT, encoding="utf-8")
        started = subprocess.Popen(["bash", script, self.lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.scripts.append(started)
        return started

    def end_all(self):
        for script in self.scripts:
            script.kill()
        for script in self.scripts:
            script.communicate()

    def test_names_its_holder_to_who_waits_and_is_theirs_next(self):
        first = self.start("first")
        self.assertEqual(first.stdout.readline(), "held\n")
        second = self.start("second")
        self.assertEqual(second.stderr.readline(),
                         f"second: waiting for first (pid {first.pid}), which holds {self.lock}\n")
        first.stdin.write("end\n")
        first.stdin.flush()
        self.assertEqual(first.wait(), 0)
        self.assertEqual(second.stdout.readline(), "held\n")
        self.assertEqual(self.lock.read_text(encoding="utf-8"), f"second (pid {second.pid})\n")

    def test_of_who_was_killed_keeps_nobody_waiting_though_the_file_still_names_them(self):
        first = self.start("first")
        self.assertEqual(first.stdout.readline(), "held\n")
        first.kill()
        first.wait()
        self.assertEqual(self.lock.read_text(encoding="utf-8"), f"first (pid {first.pid})\n")
        second = self.start("second")
        self.assertEqual(second.stdout.readline(), "held\n")
        _, said = second.communicate("end\n")
        self.assertEqual(said, "")


if __name__ == "__main__":
    unittest.main()
