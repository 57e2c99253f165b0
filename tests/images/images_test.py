"""The images that tools/images makes are those that the manifests run, and what starts in them starts as a pod would."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import zlib

import yaml

import mounted
from unpacked import Unpacked

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["XXT_BUILD"])
MADE = BUILD / "images"
SERVICES = ("intake", "referral", "notification")
GOLDEN = [*yaml.safe_load_all((ROOT / "deploy/tests/golden/production.yaml").read_text(encoding="utf-8"))]


# What Debian's security tracker might say: a flaw that nobody has mended, and one that an update mends.
KNOWN = """VERSION 1
CVE-2023-44487,,HTTP/2 rapid reset
CVE-2099-0001,,made up

grpc,0,SHR ,,
openssl,1,SHRF,9.9,3.0.99-1

grpc,libgrpc29 libgrpc++1.51
openssl,libssl3 openssl

"""


def make(*arguments, **options):
    """Returns {image: digest} of what tools/images made."""
    command = [ROOT / "tools/images", "--from", BUILD, *arguments]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout
    return dict(reversed(line.split(" ")) for line in said.splitlines())


def blob(name, digest):
    return json.loads((MADE / name / "blobs" / digest.replace(":", "/")).read_text(encoding="utf-8"))


def pods(made):
    """Yields the specification of every pod that these objects make."""
    for one in made if isinstance(made, list) else made.values() if isinstance(made, dict) else ():
        if isinstance(one, dict) and "containers" in one:
            yield one
        yield from pods(one)


def containers():
    """Yields (pod, container) of what runs our images in production."""
    for pod in pods(GOLDEN):
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            if container["image"].startswith("xixinting/"):
                yield pod, container


class Images(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="xixinting-images.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.folder.chmod(0o755)
        (cls.folder / "bookworm").write_bytes(zlib.compress(KNOWN.encode()))
        os.environ["XXT_DEBSECAN_SOURCE"] = cls.folder.as_uri()
        cls.digests = make("--to", MADE)
        cls.references = {reference.split("/")[1].split(":")[0]: reference for reference in cls.digests}
        cls.images = {name: Unpacked(MADE / name, reference, cls.folder / name) for name, reference in cls.references.items()}
        cls.configs = {name: blob(name, blob(name, cls.digests[reference])["config"]["digest"])
                       for name, reference in cls.references.items()}

    def test_are_the_ones_that_manifests_run(self):
        self.assertLessEqual({container["image"] for _, container in containers()}, set(self.digests))

    def test_have_the_version_of_the_programs(self):
        version = re.search(r"^project\(xixinting VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"), re.M)[1]
        for name, config in self.configs.items():
            self.assertEqual(self.references[name], f"xixinting/{name}:{version}")
            self.assertEqual(config["config"]["Labels"]["org.opencontainers.image.version"], version)
        for name, programs in {**{service: [f"xxt-{service}"] for service in SERVICES}, "toolbox": ["xxt", "xxt-store"]}.items():
            for program in programs:
                self.assertIn(version, self.images[name].run(program, "--version").stdout)

    def test_have_the_name_by_which_the_overlay_without_a_registry_asks_for_them(self):
        dev = (ROOT / "deploy/tests/golden/dev.yaml").read_text(encoding="utf-8")
        for image in set(re.findall(r"image: (\S*xixinting/\S+)", dev)):
            name = image.rsplit("/", 1)[1].split(":")[0]
            (manifest,) = json.loads((MADE / name / "index.json").read_text(encoding="utf-8"))["manifests"]
            self.assertEqual(manifest["annotations"]["io.containerd.image.name"], image)

    def test_run_as_the_user_that_manifests_say_and_find_their_commands(self):
        for pod, container in containers():
            name = container["image"].split("/")[1].split(":")[0]
            security = pod["securityContext"]
            config = self.configs[name]["config"]
            self.assertEqual(config["User"], f"{security['runAsUser']}:{security['runAsGroup']}")
            program = self.images[name].resolve(f"/usr/bin/{container['command'][0]}")
            self.assertTrue(os.access(program, os.X_OK), f"{container['command']} in {name}")
            self.assertEqual(config["Env"][0], "PATH=/usr/bin:/usr/sbin")

    def test_of_services_have_one_program_and_no_shell(self):
        for service in SERVICES:
            image = self.images[service]
            programs = {path for path in image.files() if os.access(image.resolve(path), os.X_OK) and ".so" not in path}
            self.assertEqual({path for path in programs if image.resolve(path).is_file()}, {f"/usr/bin/xxt-{service}"})
            self.assertNotEqual(image.run("sh", "-c", "true").returncode, 0)

    def test_let_nobody_become_another_nor_write(self):
        for name, image in self.images.items():
            for path in image.root.rglob("*"):
                mode = path.lstat().st_mode
                self.assertFalse(mode & 0o6000, path)
                if not path.is_symlink() and mode & 0o002:
                    self.assertIn(str(path.relative_to(image.root)), {"tmp", "var/tmp", "var/lock", "run/lock"}, name)
        said = self.images["toolbox"].run("sh", "-c", "id -u; echo x >/usr/bin/x; echo x >/x; echo x >/tmp/x; cat /var/lib/dpkg/status >/dev/null")
        self.assertEqual(said.stdout.splitlines()[0], "10001")
        self.assertEqual(said.stdout.count("Read-only file system"), 3, said.stdout)

    def test_have_every_library_that_their_programs_load(self):
        for name, image in self.images.items():
            for path in sorted(image.files()):
                if path.startswith(("/usr/bin/", "/usr/sbin/")) and (image.resolve(path)).read_bytes()[:4] == b"\x7fELF":
                    said = image.run("/lib64/ld-linux-x86-64.so.2", "--list", path).stdout
                    self.assertNotIn("not found", said, f"{path} in {name}")

    def test_say_what_is_inside_for_scanners_and_with_which_licence(self):
        for name, image in self.images.items():
            status = (image.root / "var/lib/dpkg/status").read_text(encoding="utf-8")
            self.assertEqual(status, (MADE / f"{name}.packages").read_text(encoding="utf-8"))
            packages = re.findall(r"^Package: (\S+)$", status, re.M)
            self.assertIn("libc6", packages)
            for package in packages:
                self.assertTrue(image.resolve(f"/usr/share/doc/{package}/copyright").is_file(), f"{package} in {name}")
            parts = {part["name"] for part in json.loads((MADE / f"{name}.cdx.json").read_text(encoding="utf-8"))["components"]}
            self.assertLessEqual(set(packages), parts)

    def test_hold_what_the_lock_names(self):
        lock = (ROOT / "deploy/images/packages.lock").read_text(encoding="utf-8")
        locked = re.findall(r"^([a-z]\S+) \S+ [0-9a-f]{64}$", lock, re.M)
        self.assertEqual(len(locked) + 1, len(lock.splitlines()), "a name, a version and a SHA-256 a line")
        inside = {package for name in self.images
                  for package in re.findall(r"^Package: (\S+)$", (MADE / f"{name}.packages").read_text(encoding="utf-8"), re.M)}
        self.assertEqual(inside, set(locked), "tools/images --update writes it anew")

    def test_trust_whom_debian_trusts(self):
        for name, image in self.images.items():
            trusted = (image.root / "etc/ssl/certs/ca-certificates.crt").read_text(encoding="ascii").splitlines()
            one_each = len(list((image.root / "usr/share/ca-certificates").rglob("*.crt")))
            self.assertGreater(one_each, 100, name)
            for mark in ("BEGIN", "END"):
                self.assertEqual(trusted.count(f"-----{mark} CERTIFICATE-----"), one_each, name)

    def test_say_it_as_the_schema_of_cyclonedx_demands(self):
        validator = ["node", ROOT / "tests/images/validate.cjs"]
        self.assertEqual(subprocess.run([*validator, *MADE.glob("*.cdx.json")], check=False).returncode, 0)
        doctored = self.folder / "doctored.json"
        doctored.write_text((MADE / "intake.cdx.json").read_text(encoding="utf-8").replace('"purl"', '"url"'), encoding="utf-8")
        said = subprocess.run([*validator, doctored], stdout=subprocess.PIPE, text=True, check=False).stdout
        self.assertIn('must NOT have additional properties', said)

    def test_have_a_list_of_known_flaws_beside_them(self):
        for name in self.images:
            known = (MADE / f"{name}.debsecan").read_text(encoding="utf-8")
            self.assertEqual("CVE-2023-44487 libgrpc29 (remotely exploitable, high urgency)\n" in known, name != "edge")
            self.assertIn("CVE-2099-0001 libssl3 (fixed, remotely exploitable, high urgency)\n", known)

    def test_of_tests_say_so_and_of_a_release_do_not_say_where_it_was_built(self):
        revision = self.configs["intake"]["config"]["Labels"]["org.opencontainers.image.revision"]
        if not revision.endswith("-for-tests"):
            return  # a release's, and it was taken
        release = self.folder / "release"
        for program in pathlib.Path(BUILD).glob("*/*/xxt*"):
            (release / program.relative_to(BUILD)).parent.mkdir(parents=True, exist_ok=True)
            (release / program.relative_to(BUILD)).symlink_to(program)
        command = [ROOT / "tools/images", "--from", release, "--to", self.folder / "refused", "intake"]
        refused = subprocess.run(command, check=False, capture_output=True, text=True)
        self.assertIn("xxt-intake tells where it was built", refused.stderr)
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))

    def test_are_the_same_when_made_by_somebody_else(self):
        other = {**os.environ, "TZ": "Asia/Shanghai", "LC_ALL": "C"}
        again = make("--to", self.folder / "again", "notification", env=other, umask=0o077)
        self.assertEqual(again, {self.references["notification"]: self.digests[self.references["notification"]]})

    def test_hold_what_the_edge_uses(self):
        edge = self.images["edge"]
        self.assertEqual(edge.run("sh", "-euc", "for name in cat cksum dirname nginx sleep; do command -v $name >/dev/null; done").stdout, "")
        made_with = edge.run("nginx", "-V").stdout
        for module in ("http_v2", "http_ssl", "http_stub_status"):
            self.assertIn(f"--with-{module}_module", made_with)

    def test_hold_the_tools_and_migrations_that_jobs_use(self):
        toolbox = self.images["toolbox"]
        for words in (["dbmate", "--version"], ["psql", "--version"], ["curl", "--version"], ["openssl", "storeutl", "-help"],
                      ["date", "--version"], ["sed", "--version"], ["timeout", "--version"]):
            self.assertEqual(toolbox.run(*words).returncode, 0, words)
        self.assertEqual(toolbox.run("sh", "-c", r"printf '\326\320' | iconv -f GB18030 -t UTF-8").stdout, "中")
        for folder, source in {"backbone": "common/pg", **{service: f"services/{service}" for service in SERVICES}}.items():
            inside = {path.name: path.read_bytes() for path in (toolbox.root / "usr/share/xixinting/migrations" / folder).iterdir()}
            self.assertEqual(inside, {path.name: path.read_bytes() for path in (ROOT / source / "migrations").glob("*.sql")})

    def test_of_services_start_with_the_configuration_of_the_manifests(self):
        keys = self.folder / "keys"
        keys.mkdir(mode=0o777)
        keys.chmod(0o777)
        self.images["toolbox"].mount("/keys", keys, writable=True)
        self.assertEqual(self.images["toolbox"].run("xxt", "token", "keys", "--out", "/keys").returncode, 0)
        for service in SERVICES:
            image = self.images[service]
            mounted.mount(image, service, keys, self.folder / f"{service}-mounts")
            command = (f"xxt-{service}", "--config=/etc/xixinting/config.yaml")
            self.assertEqual(image.run(*command, "--check-config").stdout, "configuration is good\n")
            said = image.until('"service.started"', *command)
            self.assertIn('"event":"service.started","port":50051', said)
            self.assertIn('"event":"pg.connect_failed","server":"postgres-rw"', said)


if __name__ == "__main__":
    sys.exit(unittest.main())
