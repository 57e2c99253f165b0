"""Lets tools/check's comparison of protos with main (tools/lib/protos.sh, by protos/buf.yaml) judge doctored ones, in
repositories made for it."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[1]

# What stands in a message, before and after.
REFUSED = {
    "field_goes": ("int32 b = 2;", ""),
    "field_leaves_its_number": ("int32 b = 2;", 'reserved "b";'),
    "field_leaves_its_name": ("int32 b = 2;", "reserved 2;"),
    "field_has_another_number": ("int32 b = 2;", "int32 b = 3;"),
    "field_has_another_number_and_the_old_is_reserved": ("int32 b = 2;", "reserved 2; int32 b = 3;"),
    "field_has_another_name": ("int32 b = 2;", "int32 c = 2;"),
    "field_has_another_name_in_json": ("int32 b = 2;", 'int32 b = 2 [json_name = "c"];'),
    "field_has_another_type": ("int32 b = 2;", "int64 b = 2;"),
    "field_has_another_type_of_the_same_bytes": ("string b = 2;", "bytes b = 2;"),
    "list_becomes_one": ("repeated string b = 2;", "string b = 2;"),
    "field_joins_a_choice": ("string b = 2; oneof how { string c = 3; }", "oneof how { string b = 2; string c = 3; }"),
    "reserved_number_comes_back": ("reserved 2;", ""),
    "reserved_name_comes_back": ('reserved "b";', "string b = 2;"),
    "value_goes": ("enum E { NO = 0; B = 1; }", "enum E { NO = 0; }"),
    "value_leaves_its_number": ("enum E { NO = 0; B = 1; }", 'enum E { NO = 0; reserved "B"; }'),
    "value_leaves_its_name": ("enum E { NO = 0; B = 1; }", "enum E { NO = 0; reserved 1; }"),
    "value_has_another_number": ("enum E { NO = 0; B = 1; }", "enum E { NO = 0; B = 2; }"),
    "value_has_another_name": ("enum E { NO = 0; B = 1; }", "enum E { NO = 0; C = 1; }"),
    "reserved_value_comes_back": ("enum E { NO = 0; reserved 1; }", "enum E { NO = 0; B = 1; }"),
    "message_goes": ("message M { string b = 1; }", ""),
}
ALLOWED = {
    "field_comes": ("", "int32 b = 2;"),
    "value_comes": ("enum E { NO = 0; }", "enum E { NO = 0; B = 1; }"),
    "message_comes": ("", "message M { string b = 1; }"),
    "choice_grows": ("oneof how { string b = 2; }", "oneof how { string b = 2; string c = 3; }"),
    "field_leaves_number_and_name": ("int32 b = 2;", 'reserved 2; reserved "b";'),
    "value_leaves_number_and_name": ("enum E { NO = 0; B = 1; }", 'enum E { NO = 0; reserved 1; reserved "B"; }'),
}
# What stands beside the message.
REFUSED_BESIDE = {
    "rpc_goes": ("service S { rpc Get(A) returns (A); rpc List(A) returns (A); }", "service S { rpc Get(A) returns (A); }"),
    "rpc_answers_otherwise": ("message R {} service S { rpc Get(A) returns (A); }",
                              "message R {} service S { rpc Get(A) returns (R); }"),
    "rpc_becomes_a_stream": ("service S { rpc Get(A) returns (A); }", "service S { rpc Get(A) returns (stream A); }"),
    "service_goes": ("service S { rpc Get(A) returns (A); }", ""),
}


class Breaking(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.repository = pathlib.Path(folder.name) / "repository"
        self.work = pathlib.Path(folder.name) / "work"
        (self.repository / "protos/xixinting").mkdir(parents=True)
        shutil.copy(ROOT / "protos/buf.yaml", self.repository / "protos")
        self.environment = os.environ | {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments):
        subprocess.run(["git", "-c", "user.name=test", "-c", "user.email=test@test.invalid", *arguments], cwd=self.repository,
                       env=self.environment, check=True, capture_output=True)

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=x")

    def write(self, name, inside, beside=""):
        (self.repository / f"protos/xixinting/{name}.proto").write_text(
            f'syntax = "proto3"; package xixinting.{name}; message A {{ string a = 1; {inside} }} {beside}\n', encoding="utf-8")

    def declare(self, *items):
        lines = ["# Breaks", "", *(f"- {item}" for item in items), ""]
        (self.repository / "protos/breaks.md").write_text("\n".join(lines), encoding="utf-8")

    def compare(self):
        """Returns (whether the check passes, what it says)."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir()
        script = 'set -euo pipefail; source "$root/tools/lib/protos.sh"; protos_compatible'
        run = subprocess.run(["bash", "-c", script], cwd=self.repository, capture_output=True, text=True,
                             env=self.environment | {"root": str(ROOT), "work": str(self.work)})
        return run.returncode == 0, run.stdout + run.stderr

    def test_refuses_what_callers_or_rows_would_not_survive_and_lets_the_rest_be(self):
        for name, (before, _) in (REFUSED | ALLOWED).items():
            self.write(name, before)
        for name, (before, _) in REFUSED_BESIDE.items():
            self.write(name, "", before)
        self.write("file_goes", "")
        self.commit()
        for name, (_, after) in (REFUSED | ALLOWED).items():
            self.write(name, after)
        for name, (_, after) in REFUSED_BESIDE.items():
            self.write(name, "", after)
        (self.repository / "protos/xixinting/file_goes.proto").unlink()
        passes, said = self.compare()
        self.assertFalse(passes)
        self.assertEqual(set(re.findall(r"xixinting/(\w+)\.proto", said)), {*REFUSED, *REFUSED_BESIDE, "file_goes"}, said)

    def test_a_branch_is_compared_with_where_it_left_main(self):
        self.write("noun", "int32 b = 2;")
        self.commit()
        self.git("switch", "--quiet", "--create=change")
        self.write("noun", "int32 b = 2; int32 of_ours = 3;")
        self.commit()
        self.git("switch", "--quiet", "main")
        self.write("noun", "int32 b = 2; int32 of_main = 4;")
        self.commit()
        self.git("switch", "--quiet", "change")
        self.assertTrue(self.compare()[0], self.compare()[1])
        self.write("noun", "")
        self.commit()
        passes, said = self.compare()
        self.assertFalse(passes)
        self.assertIn("noun.proto", said)

    def test_what_is_not_committed_counts_on_main_too(self):
        self.write("noun", "int32 b = 2;")
        self.commit()
        passes, said = self.compare()
        self.assertTrue(passes, said)
        self.assertIn("notice: ", said)
        self.write("noun", "")
        self.assertFalse(self.compare()[0])

    def test_a_break_on_purpose_is_counted_where_its_branch_says_so_and_excuses_none_that_follows(self):
        self.write("noun", "int32 b = 2; int32 c = 3;")
        self.declare("an older one")
        self.commit()
        self.git("switch", "--quiet", "--create=change")
        self.write("noun", "int32 c = 3;")
        self.assertFalse(self.compare()[0])
        self.declare("an older one", "b was a mistake")
        passes, said = self.compare()
        self.assertTrue(passes, said)
        self.assertRegex(said, r"notice: [1-9]\d* breaks")
        self.commit()
        self.git("branch", "--force", "main")
        self.write("noun", "")
        self.assertFalse(self.compare()[0])

    def test_a_configuration_that_cannot_be_read_is_excused_by_nothing(self):
        self.write("noun", "int32 b = 2;")
        self.commit()
        self.write("noun", "")
        self.declare("b was a mistake")
        (self.repository / "protos/buf.yaml").write_text("version: v2\nbreaking:\n  use: [NO_SUCH_RULE]\n", encoding="utf-8")
        self.assertFalse(self.compare()[0])


class Covered(unittest.TestCase):
    def test_no_proto_of_what_is_stored_lies_elsewhere(self):
        elsewhere = [path.relative_to(ROOT).as_posix() for top in ("common", "services") for path in (ROOT / top).rglob("*.proto")]
        # Of tests: no service links them.
        self.assertEqual(sorted(elsewhere), ["common/edge/note.proto", "common/testing/thing.proto"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
