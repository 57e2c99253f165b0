#!/usr/bin/python3
"""What tools/lib/certificates.sh makes: openssl and gRPC are the judges."""

import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import unittest

import grpc

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/chaos"))
import client  # noqa: E402  pylint: disable=wrong-import-position

SERVICES = ("intake", "referral", "notification")
IDENTITIES = {name: f"services/{name}" for name in SERVICES} | {name: name for name in ("edge", "toolbox", "probe")}
# What is done is written after it.
SCRIPT = f"""
set -euo pipefail
source "{ROOT}/tools/lib/say.sh"
source "{ROOT}/tools/lib/process.sh"
source "{ROOT}/tools/lib/certificates.sh"
run=$1
shift
"""
HELLO = "/hello.World/Greet"


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)


class World(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="xixinting-certificates.")
        self.addCleanup(folder.cleanup)
        self.run_dir = pathlib.Path(folder.name)
        self.tls = self.run_dir / "tls"

    def do(self, *steps):
        subprocess.run(["bash", "-c", SCRIPT + "\n".join(steps), "certificates_test", self.run_dir], check=True)

    def text(self, name):
        return openssl("x509", "-noout", "-text", "-in", self.tls / f"{name}.crt").stdout

    def verdict(self, name, *options):
        """What openssl says against a certificate, as who honours lists of what is revoked; empty: nothing."""
        done = openssl("verify", "-x509_strict", "-CAfile", self.tls / "ca.crt", "-CApath", self.tls / "crl", "-crl_check_all",
                       *options, self.tls / f"{name}.crt")
        return "" if done.returncode == 0 else re.search(r"lookup: (.*)", done.stderr).group(1)

    def files(self):
        return {path: path.read_bytes() for path in self.tls.rglob("*") if path.is_file()}


class Leaves(World):
    def test_say_who_they_are_and_are_good_for_both_ends_under_the_names_they_are_called_by(self):
        self.do("make_certificates")
        for name, identity in IDENTITIES.items():
            with self.subTest(name):
                text = self.text(name)
                self.assertEqual(re.findall(r"URI:(\S+?)(?:,|$)", text, re.MULTILINE), [f"spiffe://xixinting.internal/{identity}"])
                self.assertIn("prime256v1", text)
                for purpose in ("sslserver", "sslclient"):
                    for called in (("-verify_hostname", "localhost"), ("-verify_ip", "127.0.0.1"), ("-verify_hostname", f"{name}-pods")):
                        self.assertEqual(self.verdict(name, "-purpose", purpose, *called), "")
                self.assertNotEqual(self.verdict(name, "-verify_hostname", "elsewhere.example"), "")
                self.assertEqual((self.tls / f"{name}.key").stat().st_mode & 0o077, 0)

    def test_stay_while_they_are_good_and_are_renewed_before_they_end(self):
        self.do("make_certificates")
        before = self.files()
        self.do("make_certificates")
        self.assertEqual(self.files(), before)
        self.do("certificate_days=6", "renew_certificate probe", "certificate_days=30", "make_certificates")
        self.assertEqual(openssl("x509", "-noout", "-checkend", str(20 * 86400), "-in", self.tls / "probe.crt").returncode, 0)
        after = self.files()
        self.assertEqual({path.name for path in before if after.get(path) != before[path]} & {"intake.crt", "intake.key"}, set())

    def test_of_another_ca_are_not_believed(self):
        self.do("make_certificates", "mv $run/tls $run/strange", "make_certificates",
                "cp --remove-destination $run/strange/issued/intake/tls.crt $run/tls/intake.crt")
        self.assertIn("unable to get local issuer", self.verdict("intake"))


class Pairs(World):
    def test_fit_at_any_moment_while_they_are_renewed(self):
        self.do("make_certificates")
        seen, ended = set(), threading.Event()

        def read():
            """As gRPC does: what changed while it was read does not count."""
            link = self.tls / "issued/intake"
            while not ended.is_set():
                before = link.readlink()
                pair = tuple((self.tls / f"intake.{suffix}").read_bytes() for suffix in ("crt", "key"))
                if link.readlink() == before:
                    seen.add(pair)

        reader = threading.Thread(target=read)
        reader.start()
        try:
            self.do("for i in {1..10}; do renew_certificate services/intake; done")
        finally:
            ended.set()
            reader.join()
        self.assertGreater(len(seen), 5)
        for certificate, key in seen:
            (self.run_dir / "crt").write_bytes(certificate)
            (self.run_dir / "key").write_bytes(key)
            self.assertEqual(openssl("x509", "-noout", "-pubkey", "-in", self.run_dir / "crt").stdout,
                             openssl("pkey", "-pubout", "-in", self.run_dir / "key").stdout)

    def test_leave_no_more_than_the_last_one_behind(self):
        self.do("make_certificates", "for i in {1..4}; do renew_certificate edge; done")
        self.assertEqual(len([path for path in (self.tls / "issued").glob("edge.*")]), 2)


class Revoked(World):
    def test_is_what_was_revoked_and_nothing_else_from_the_first_list_on(self):
        self.do("make_certificates")
        self.assertEqual({name: self.verdict(name) for name in IDENTITIES}, {name: "" for name in IDENTITIES})
        self.do("revoke_certificate services/intake", "revoke_certificate edge")
        said = {name: self.verdict(name) for name in IDENTITIES}
        self.assertEqual(said, {name: "certificate revoked" if name in ("intake", "edge") else "" for name in IDENTITIES})
        # Each under a name that no process has read yet.
        self.assertEqual(sorted(path.suffix for path in (self.tls / "crl").iterdir()), [".r0", ".r1", ".r2"])

    def test_is_no_longer_in_use_once_it_is_renewed(self):
        self.do("make_certificates", "revoke_certificate probe", "renew_certificate probe")
        self.assertEqual(self.verdict("probe"), "")


class Authorities(World):
    def test_are_both_trusted_until_the_old_one_is_retired(self):
        self.do("make_certificates", "revoke_certificate probe", "add_authority", "renew_certificate services/intake")
        self.assertEqual([self.verdict(name) for name in ("intake", "referral", "probe")], ["", "", "certificate revoked"])
        self.do("retire_authorities")
        self.assertEqual(self.verdict("intake"), "")
        self.assertIn("unable to get local issuer", self.verdict("referral"))
        self.assertEqual(len(list((self.tls / "authorities").iterdir())), 1)


class Handshakes(World):
    def setUp(self):
        super().setUp()
        self.do("make_certificates")
        read = {name: (self.tls / name).read_bytes() for name in ("ca.crt", "intake.crt", "intake.key")}
        self.ca = read["ca.crt"]
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(1))
        greet = grpc.unary_unary_rpc_method_handler(lambda request, call: call.auth_context()["peer_spiffe_id"][0])
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("hello.World", {"Greet": greet}),))
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials(
            [(read["intake.key"], read["intake.crt"])], self.ca, require_client_auth=True))
        server.start()
        self.addCleanup(server.stop, None)
        self.address = f"127.0.0.1:{port}"

    def ask(self, credentials):
        with grpc.secure_channel(self.address, credentials) as channel:
            return channel.unary_unary(HELLO)(b"", timeout=10).decode()

    def test_of_grpc_take_what_a_context_names(self):
        context = self.run_dir / "xxt.yaml"
        context.write_text(f"tls: {{certificate_file: {self.tls}/toolbox.crt, key_file: {self.tls}/toolbox.key, "
                           f"ca_file: {self.tls}/ca.crt}}\n", encoding="utf-8")
        self.assertEqual(self.ask(client.credentials(context)), "spiffe://xixinting.internal/toolbox")

    def test_of_grpc_take_nobody_without_a_certificate(self):
        with self.assertRaises(grpc.RpcError) as refused:
            self.ask(grpc.ssl_channel_credentials(self.ca))
        self.assertEqual(refused.exception.code(), grpc.StatusCode.UNAVAILABLE)


if __name__ == "__main__":
    unittest.main()
