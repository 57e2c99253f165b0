#!/usr/bin/python3
"""Every planted bug stands in the source and in the table, and fits the statement that it is planted in."""
import contextlib
import io
import re
import types
import unittest
from unittest import mock

import planted
from client import ROOT

SQL_BUG = re.compile(r'\{"(\w+)", "([\w.]+)",\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"\}')


def sources():
    for folder in ("common", "services"):
        for path in sorted((ROOT / folder).rglob("*.cc")):
            yield path, path.read_text()


class Planted(unittest.TestCase):
    def setUp(self):
        text = (ROOT / "common/fault/planted_sql.cc").read_text()
        self.sql = {name: (statement, right) for name, statement, right, _ in SQL_BUG.findall(text)}

    def test_the_table_and_the_source_name_the_same_bugs(self):
        in_source = {name for _, text in sources() for name in re.findall(r'XXT_PLANTED_BUG\("(\w+)"\)', text)}
        self.assertEqual(in_source | set(self.sql), set(planted.BUGS))

    def test_a_bug_of_a_statement_fits_it(self):
        everything = "".join(text for path, text in sources() if path.name != "planted_sql.cc")
        for name, (statement, right) in self.sql.items():
            body = everything[everything.index(f'"{statement}"'):]
            self.assertIn(right, body[:body.index(";\n")], f"{name} does not fit {statement}")

    def test_the_tests_that_catch_bugs_exist(self):
        everything = "".join(path.read_text() for folder in ("common", "services", "tests/contract")
                             for path in (ROOT / folder).rglob("*_test.cc"))
        for name, bug in planted.BUGS.items():
            if bug.test:
                suite, _, test = bug.test.partition(":")[2].partition(".")
                self.assertTrue(f"TEST_F({suite}, {test})" in everything or f"TEST({suite}, {test})" in everything, name)

    def test_losing_what_was_settled_too_early_is_not_taken_for_being_slow(self):
        says = planted.BUGS["ack_before_commit"].says
        self.assertIsNone(re.search(says, "conduct: not recovered 60 s after the storm: intake: case.tell pending"))
        self.assertIsNotNone(re.search(says, "lost: cases/c#received: 0 of 1 messages"))


class WithoutABug(unittest.TestCase):
    """What catches bugs must be content without them."""

    def play(self, names, *healthy_violations, also=(), said=None):
        """(exit, the campaigns that were played, each as its planted bug and options). With a bug they say so, and `also`."""
        played = []

        def campaign(options):
            played.append((options.planted, options.only))
            says = planted.BUGS[options.planted].what if options.planted else ""
            return types.SimpleNamespace(run=lambda: types.SimpleNamespace(
                violations=[says, *also] if options.planted else list(healthy_violations)))

        bugs = {name: planted.Bug(name, name, options={"only": options}) for name, options in names.items()}
        with (mock.patch.object(planted, "Campaign", campaign), mock.patch.dict(planted.BUGS, bugs),
              contextlib.redirect_stdout(said or io.StringIO())):
            return planted.run(list(names), 1), played

    def test_each_campaign_that_bugs_share_is_played_once_without_any(self):
        code, played = self.play({"a": ("cut",), "b": ("cut",), "c": ("smtp",)})
        self.assertEqual(code, 0)
        self.assertEqual(sorted(played), [("", ("cut",)), ("", ("smtp",)), ("a", ("cut",)), ("b", ("cut",)), ("c", ("smtp",))])

    def test_bugs_are_not_caught_by_a_campaign_that_always_complains(self):
        self.assertEqual(self.play({"a": ("cut",)}, "lost: everything")[0], 1)

    def test_a_bug_that_ends_a_service_is_caught_for_that_or_not_at_all(self):
        crash = "conduct: referral-0 ended by itself: exit -11"
        self.assertEqual(self.play({"lost": ("cut",)}, also=[crash])[0], 1)
        self.assertEqual(self.play({"ended by itself": ("cut",)}, also=[crash])[0], 0)

    def test_what_is_said_instead_hides_nothing_behind_lines_that_are_alike(self):
        said = io.StringIO()
        alike = [f"conduct: referral-{number} ended by itself" for number in range(40)]
        self.play({"lost": ("cut",)}, *alike, "untrue: another", also=[*alike, "conduct: intake-0 ended by itself: exit -11"], said=said)
        self.assertEqual(said.getvalue().count("of 40 that are alike"), 2)
        for last in ("untrue: another", "conduct: intake-0 ended by itself: exit -11"):
            self.assertEqual(said.getvalue().count(last), 1)


if __name__ == "__main__":
    unittest.main()
