"""Checks docs/operations/health.md, its Chinese twin and the doctor against the gauges that the code sets."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = re.compile(r"\b(?:xixinting|rpc_server)_[a-z_]+")


def names_in_code():
    """Returns the names of what services tell: texts in the code that are nothing but a name."""
    named = re.compile(rf'"({NAME.pattern})"')
    files = [file for top in ("common", "services") for file in (ROOT / top).rglob("*.cc") if not file.name.endswith("_test.cc")]
    return {name for file in files for name in named.findall(file.read_text(encoding="utf-8"))}


def names_in(path):
    return set(NAME.findall((ROOT / path).read_text(encoding="utf-8")))


class HealthPage(unittest.TestCase):
    def test_names_what_the_services_tell_and_no_other(self):
        elsewhere = {name for name in names_in_code() if re.match("xixinting_(watch|ledger|partition)_", name)}
        for page in ("docs/operations/health.md", "docs/operations/health.zh-CN.md"):
            self.assertEqual(names_in(page), names_in_code() - elsewhere, page)

    def test_the_doctor_looks_at_what_the_services_tell(self):
        self.assertLessEqual(names_in("tools/xxt/verdicts.cc"), names_in_code())
        self.assertLessEqual(names_in("tools/xxt/verdicts.cc"), names_in("docs/operations/health.md"))


if __name__ == "__main__":
    unittest.main()
