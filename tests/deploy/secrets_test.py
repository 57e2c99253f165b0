"""The Secrets that manifests name are made, with the keys that those who read them ask for."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import render
import rules
from render import ROOT, read


class Secrets(unittest.TestCase):
    made = {name: files for component in ("secrets", "certificates-dev")
            for name, files in render.secret_files(ROOT / f"deploy/components/{component}/kustomization.yaml").items()}

    def test_are_those_that_the_rules_know(self):
        self.assertEqual({name: set(files) for name, files in self.made.items()}, rules.SECRETS)

    def test_of_the_database_are_those_that_its_roles_ask_for(self):
        asked = set(re.findall(r'cat "\$XXT_SECRETS/(\w+)"', read("deploy/db/roles.sql")))
        self.assertEqual(set(self.made["database-roles"]), asked)

    def test_that_sign_are_those_that_xxt_makes(self):
        kids = re.search(r"for \(const char\* kid : \{([^}]*)\}\)", read("tools/xxt/context.cc")).group(1)
        files = {f"{kid}.jwk" for kid in re.findall(r'"([^"]+)"', kids)} | {"people.yaml", "jwks.json"}
        self.assertEqual(set(self.made["token-keys"]), files)

    def test_are_all_made_by_the_script(self):
        with tempfile.TemporaryDirectory(prefix="xixinting-secrets.") as folder:
            folder = pathlib.Path(folder)
            for path in ("deploy/components/secrets", "deploy/components/postgres-dev", "deploy/components/certificates-dev", "tools/lib"):
                shutil.copytree(ROOT / path, folder / path, ignore=shutil.ignore_patterns("superuser", "redis", "keys", "tls"))
            shutil.rmtree(folder / "deploy/components/secrets/secrets", ignore_errors=True)
            xxt = folder / "xxt"
            names = " ".join(sorted(self.made["token-keys"]))
            xxt.write_text(f'#!/bin/sh\nmkdir -p "$4" && cd "$4" && for name in {names}; do echo made >"$name"; done\n', encoding="utf-8")
            xxt.chmod(0o755)
            script = folder / "deploy/components/secrets/make"
            subprocess.run([script, xxt], check=True)
            for component in ("secrets", "postgres-dev", "certificates-dev"):
                kustomization = folder / "deploy/components" / component / "kustomization.yaml"
                for files in render.secret_files(kustomization).values():
                    for file in files.values():
                        path = kustomization.parent / file
                        self.assertTrue(path.stat().st_size, file)
                        self.assertEqual(os.stat(path).st_mode & 0o007, 0, file)
            secrets = script.parent
            password = (secrets / "secrets/redis").read_bytes()
            self.assertIn(f"user xxt on #{hashlib.sha256(password).hexdigest()} ", (secrets / "redis/users.acl").read_text())
            before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
            subprocess.run([script, xxt], check=True)
            self.assertEqual({path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}, before)


if __name__ == "__main__":
    unittest.main()
