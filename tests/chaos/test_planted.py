#!/usr/bin/python3
"""Every planted bug stands in the source and in the table, and fits the statement that it is planted in."""
import re
import unittest

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
        everything = "".join(text for _, text in sources())
        for name, bug in planted.BUGS.items():
            if bug.test:
                suite, _, test = bug.test.partition(":")[2].partition(".")
                self.assertIn(f"TEST_F({suite}, {test})", everything, name)


if __name__ == "__main__":
    unittest.main()
