"""The overlay `dev` comes up by itself, as docs/operations/bare.md says: its Secrets made by the script, its pods run from the
images, the services before anything that they need.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

import node
from unpacked import Unpacked

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["XXT_BUILD"])
sys.path.append(str(ROOT / "tests/deploy"))
import render

SERVICES = ("intake", "referral", "notification")
PODS = (*(f"{service}-server" for service in SERVICES), "toolbox")


def rendering(folder):
    """Returns the objects of the overlay, from a copy in which the script has made its files."""
    for path in ("deploy", "tools/lib"):
        shutil.copytree(ROOT / path, folder / path, ignore=shutil.ignore_patterns("superuser", "redis", "keys", "secrets", "tls"))
    shutil.copytree(ROOT / "deploy/components/secrets", folder / "deploy/components/secrets",
                    ignore=lambda at, names: [name for name in names if name in ("secrets", "redis", "keys")], dirs_exist_ok=True)
    subprocess.run([folder / "deploy/components/secrets/make", BUILD / "tools/xxt/xxt"], check=True, stdout=subprocess.DEVNULL)
    return [made for made in yaml.safe_load_all(render.kustomized(folder / "deploy/overlays/dev")) if made]


@unittest.skipIf(os.geteuid() != 0, "only root can make networks")
class Dev(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="xixinting-pods.")))
        self.folder.chmod(0o755)
        images = {path.parent.name: Unpacked(path.parent, f"xixinting/{path.parent.name}:{self.version()}", self.folder / path.parent.name)
                  for path in (BUILD / "images").glob("*/index.json") if path.parent.name != "edge"}
        (self.folder / "node").mkdir()
        (self.folder / "copy").mkdir()
        self.node = self.enterContext(node.Node(rendering(self.folder / "copy"), images, self.folder / "node"))

    def version(self):
        release = yaml.safe_load((ROOT / "deploy/components/release/kustomization.yaml").read_text(encoding="utf-8"))
        return release["images"][0]["newTag"]

    def all_say(self, part, wanted, seconds):
        return node.comes(lambda: all(self.node.health(service, part) == wanted for service in SERVICES), seconds)

    def test_comes_up_by_itself_in_whatever_order_and_no_pod_fails(self):
        for pod in PODS:
            self.node.start("Deployment", pod)
        migrations = self.node.start("Job", "migrations")
        self.assertTrue(self.all_say("liveness", True, 60), self.node.log("intake-server")[-2000:])
        self.assertTrue(self.all_say("readiness", False, 5))
        self.node.start_postgres()
        self.node.start_redis()
        migrations.join(150)
        self.assertEqual(self.node.ended["migrations"], [0, 0], self.node.log("migrations")[-2000:])
        self.assertTrue(self.all_say("readiness", True, 60), self.node.log("intake-server")[-2000:])
        # First containers have ended well, all others go on.
        self.assertEqual({pod: self.node.ended.get(pod) for pod in PODS}, {pod: [0] for pod in PODS})
        said = []
        self.assertTrue(node.comes(lambda: not self.faults(said), 60), said[-1])

    def faults(self, said):
        """Returns what the doctor finds, but that the calendar ends, which it does every winter."""
        said.append(self.node.inside("toolbox", "xxt", "doctor", "--wait", "60s").stdout)
        return [line for line in said[-1].splitlines() if line.startswith("✗") and "工作日历" not in line] or "✓" not in said[-1]


if __name__ == "__main__":
    unittest.main()
