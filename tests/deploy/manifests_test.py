"""Every combination renders, keeps the rules, and is what its golden rendering says.

XXT_UPDATE_GOLDEN=1 writes the golden renderings anew: read what git shows of them before you commit it. Full ones are of
what differs most; the others are told by how they differ from one of these.
"""

import difflib
import os
import pathlib
import unittest

import render
import rules

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "deploy/tests/golden"
# A combination, and of which one it is told.
TOLD_OF = {"minimal": None, "dev": None, "production": None, "closed": "dev", "staging": "production", "everything": "production"}


def told(combination):
    """Returns the name and the text of a golden rendering."""
    text, other = render.rendered(combination), TOLD_OF[combination]
    if other is None:
        return f"{combination}.yaml", text
    lines = difflib.unified_diff(render.rendered(other).splitlines(keepends=True), text.splitlines(keepends=True),
                                 f"{other}.yaml", f"{combination}.yaml", n=1)
    return f"{combination}.diff", "".join(lines)


class Combinations(unittest.TestCase):
    maxDiff = 8000

    def test_are_all_told(self):
        self.assertEqual(set(TOLD_OF), set(render.COMBINATIONS))

    def test_keep_the_rules(self):
        for combination in render.COMBINATIONS:
            with self.subTest(combination):
                self.assertEqual(rules.judge(render.manifests(combination)), {})

    def test_are_what_the_golden_renderings_say(self):
        for combination in render.COMBINATIONS:
            with self.subTest(combination):
                name, text = told(combination)
                if os.environ.get("XXT_UPDATE_GOLDEN") == "1":
                    (GOLDEN / name).write_text(text, encoding="utf-8")
                golden = (GOLDEN / name).read_text(encoding="utf-8")
                self.assertMultiLineEqual(golden, text, "XXT_UPDATE_GOLDEN=1 writes it anew")

    def test_leave_no_golden_rendering_of_what_is_gone(self):
        self.assertEqual({path.name for path in GOLDEN.iterdir()}, {told(combination)[0] for combination in TOLD_OF})


if __name__ == "__main__":
    unittest.main()
