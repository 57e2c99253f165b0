"""An option of a script without its value ends the script with a word, before anything begins (tools/lib/say.sh)."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = sorted(file for file in (ROOT / "tools").iterdir() if file.is_file() and file.suffix == "")


def options_of(script):
    """Returns those that the script's help shows with a value: "--rounds N"."""
    help_text = subprocess.run([script, "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
    return sorted(set(re.findall(r"(--[a-z-]+) [A-Z]+\b", help_text)))


class Usage(unittest.TestCase):
    def test_an_option_without_its_value_is_said(self):
        seen = 0
        for script in SCRIPTS:
            if not script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash"):
                continue
            for option in options_of(script):
                for words in ([option], [option, "--help"]):
                    with self.subTest(script=script.name, words=words):
                        ended = subprocess.run([script, *words], capture_output=True, text=True, timeout=30, check=False)
                        self.assertEqual(ended.returncode, 2, ended.stderr)
                        self.assertIn(f"{option} needs a value", ended.stderr)
                seen += 1
        self.assertGreaterEqual(seen, 8)

    def test_a_story_that_the_demo_has_not_is_said_with_those_it_has(self):
        stories = sorted(file.stem for file in (ROOT / "tests/stories").glob("*.yaml"))
        for name in ("shenn", "sh*", "../stories/shen", ""):
            with self.subTest(name=name):
                ended = subprocess.run([ROOT / "tools/demo", "--story", name], capture_output=True, text=True, timeout=30,
                                       check=False)
                self.assertEqual(ended.returncode, 2, ended.stderr)
                self.assertIn(f"there is no story '{name}': {' '.join(stories)}", ended.stderr)
        said = subprocess.run([ROOT / "tools/demo", "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
        for story in stories:
            self.assertIn(story, said)


if __name__ == "__main__":
    unittest.main()
