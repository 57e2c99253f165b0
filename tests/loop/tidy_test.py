"""Lets tools/lib/tidy.py judge a small project, again and again: what does it read anew?"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TIDY = pathlib.Path(__file__).resolve().parents[2] / "tools/lib/tidy.py"
OWN_CODE = sys.argv.pop(1)  # the plug-in of the build

# Stands in front of the real one and notes what it is given.
CLANG_TIDY = """#!/bin/bash
if [[ $1 == --version ]]; then cat "{folder}/version"; exit; fi
echo "${{@: -1}}" >>"{folder}/read"
if [[ -e {folder}/meanwhile ]]; then source "{folder}/meanwhile"; fi
exec {real} "$@"
"""
NINJA = """
rule compile
  command = clang++ -MD -MF $out.d -MT $out $flags -o $out -c $in
  deps = gcc
  depfile = $out.d
build alone.o: compile {project}/alone.cc
build user.o: compile {project}/user.cc
build cmake_pch.hxx.pch: compile cmake_pch.hxx
  flags = -x c++-header
build eager.o: compile {project}/eager.cc | cmake_pch.hxx.pch
  flags = {eager}
"""
FILES = {
    ".clang-tidy": "{Checks: '-*,modernize-use-nullptr', WarningsAsErrors: '*'}\n",
    "alone.cc": "int Alone() { return 1; }\n",
    "shared.h": "inline int Shared() { return 1; }\n",
    "user.cc": '#include "shared.h"\nint User() { return Shared(); }\n',
    "system.h": "#ifndef SYSTEM_H_\n#define SYSTEM_H_\ninline int System() { return 1; }\n#endif\n",
    "eager.cc": '#include "system.h"\nint Eager() { return System(); }\n',
}
ALL = ["alone.cc", "eager.cc", "user.cc"]


class Tidy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        self.project = self.folder / "project"
        self.build = self.project / "build"
        self.build.mkdir(parents=True)
        for name, text in FILES.items():
            self.write(name, text)
        header = self.build / "cmake_pch.hxx"
        eager = f"-Winvalid-pch -Xclang -include-pch -Xclang {header}.pch -Xclang -include -Xclang {header}"
        self.flags = {"alone": "", "user": "", "eager": eager}
        self.write("build/cmake_pch.hxx", f'#include "{self.project}/system.h"\n')
        self.write("build/build.ninja", NINJA.format(project=self.project, eager=eager))
        (self.build / "tools/tidy").mkdir(parents=True)
        shutil.copy(OWN_CODE, self.build / "tools/tidy/libxxt_own_code.so")
        (self.folder / "version").write_text("14\n", encoding="utf-8")
        program = self.folder / "bin/clang-tidy"
        program.parent.mkdir()
        program.write_text(CLANG_TIDY.format(folder=self.folder, real=shutil.which("clang-tidy")), encoding="utf-8")
        program.chmod(0o755)
        self.compile()

    def write(self, name, text):
        (self.project / name).write_text(text, encoding="utf-8")

    def compile(self):
        commands = [{"directory": str(self.build), "file": f"{self.project}/{stem}.cc",
                     "command": f"clang++ {flags} -o {stem}.o -c {self.project}/{stem}.cc"}
                    for stem, flags in self.flags.items()]
        self.write("build/compile_commands.json", json.dumps(commands))
        subprocess.run(["ninja", "-C", self.build], check=True, stdout=subprocess.DEVNULL)

    def tidy(self):
        """Returns whether all passed, what was read, and the findings."""
        read = self.folder / "read"
        read.write_text("", encoding="utf-8")
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        run = subprocess.run([sys.executable, TIDY, "build"], input="".join(f"{name}\n" for name in ALL), text=True,
                             capture_output=True, check=False, cwd=self.project, env={**os.environ, "PATH": path})
        names = sorted(pathlib.Path(line).name for line in read.read_text(encoding="utf-8").splitlines())
        return run.returncode == 0, names, run.stdout

    def test_what_passed_is_not_read_again(self):
        self.assertEqual(self.tidy(), (True, ALL, ""))
        self.assertEqual(self.tidy(), (True, [], ""))

    def test_what_is_written_anew_unchanged_is_not_read_again(self):
        self.tidy()
        self.write("shared.h", FILES["shared.h"])
        self.compile()
        self.assertEqual(self.tidy(), (True, [], ""))

    def test_who_includes_a_changed_header_is_read_again(self):
        self.tidy()
        self.write("shared.h", "inline int Shared() { return 2; }\n")
        self.compile()
        self.assertEqual(self.tidy(), (True, ["user.cc"], ""))

    def test_who_is_compiled_with_a_changed_precompiled_header_is_read_again(self):
        self.tidy()
        self.write("system.h", FILES["system.h"].replace("return 1", "return 2"))
        self.compile()
        self.assertEqual(self.tidy(), (True, ["eager.cc"], ""))

    def test_a_source_whose_command_changed_is_read_again(self):
        self.tidy()
        self.flags["alone"] = "-DMORE"
        self.compile()
        self.assertEqual(self.tidy(), (True, ["alone.cc"], ""))

    def test_all_are_read_again_under_another_configuration(self):
        self.tidy()
        self.write(".clang-tidy", FILES[".clang-tidy"].replace("nullptr", "override"))
        self.assertEqual(self.tidy(), (True, ALL, ""))

    def test_all_are_read_again_by_another_clang_tidy(self):
        self.tidy()
        (self.folder / "version").write_text("15\n", encoding="utf-8")
        self.assertEqual(self.tidy(), (True, ALL, ""))

    def test_a_finding_is_found_each_time_until_it_is_mended(self):
        self.write("alone.cc", "int* Alone() { return 0; }\n")
        self.compile()
        for expected in (ALL, ["alone.cc"], ["alone.cc"]):
            passed, read, findings = self.tidy()
            self.assertFalse(passed)
            self.assertEqual(read, expected)
            self.assertIn("modernize-use-nullptr", findings)
        self.write("alone.cc", "int* Alone() { return nullptr; }\n")
        self.compile()
        self.assertEqual(self.tidy(), (True, ["alone.cc"], ""))

    def test_headers_of_ours_are_read_and_those_of_the_system_are_not(self):
        self.write(".clang-tidy", "{Checks: '-*,modernize-use-nullptr', WarningsAsErrors: '*', HeaderFilterRegex: '.*'}\n")
        self.write("shared.h", "inline int* Shared() { return 0; }\n")
        of_the_system = FILES["system.h"].replace("int System() { return 1", "int* System() { return 0")
        self.write("system.h", "#pragma GCC system_header\n" + of_the_system)
        self.write("user.cc", '#include "shared.h"\n#include "system.h"\nint* User() { return Shared(); }\n')
        self.write("eager.cc", '#include "system.h"\nint* Eager() { return System(); }\n')
        self.compile()
        passed, _, findings = self.tidy()
        self.assertFalse(passed)
        self.assertIn("shared.h:1", findings)
        self.assertNotIn("system.h", findings)

    def test_all_are_read_again_through_another_plug_in(self):
        self.tidy()
        with (self.build / "tools/tidy/libxxt_own_code.so").open("ab") as plug_in:
            plug_in.write(b"more")
        self.assertEqual(self.tidy(), (True, ALL, ""))

    def test_a_source_that_leans_on_the_precompiled_header_fails(self):
        self.write("eager.cc", "int Eager() { return System(); }\n")
        self.compile()
        passed, _, findings = self.tidy()
        self.assertFalse(passed)
        self.assertIn("undeclared identifier 'System'", findings)

    def test_what_changes_while_it_is_read_has_not_passed(self):
        (self.folder / "meanwhile").write_text(f"touch {self.project}/shared.h", encoding="utf-8")
        self.assertEqual(self.tidy(), (True, ALL, ""))
        self.assertEqual(self.tidy(), (True, ["user.cc"], ""))

    def test_a_source_that_was_not_built_is_read_each_time(self):
        (self.build / ".ninja_deps").unlink()
        self.tidy()
        self.assertEqual(self.tidy(), (True, ALL, ""))


if __name__ == "__main__":
    unittest.main()
