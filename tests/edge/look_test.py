"""Who looks at the edge sees what will keep callers out, before it does."""
import pathlib
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

import district
import edge

DAYS = "2"


class Look(unittest.TestCase):
    """A district's certificates are good for 30 days, and its lists."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="xixinting-look.")))
        self.district = district.Authority(self.folder / "district")
        pair = self.district.issue("server", "DNS:intake.xixinting.example")
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pair.certificate, pair.key)
        self.listener = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        self.addCleanup(self.listener.shutdown, socket.SHUT_RDWR)
        threading.Thread(target=self.greet, args=(tls,), daemon=True).start()

    def greet(self, tls):
        while True:
            try:
                connection, _ = self.listener.accept()
                with connection, tls.wrap_socket(connection, server_side=True) as greeted:
                    greeted.recv(1)
            except ssl.SSLError:
                continue
            except OSError:  # the test is over
                return

    def look(self, days=DAYS, port=None):
        port = port or self.listener.getsockname()[1]
        done = subprocess.run(["sh", edge.COMPONENT / "look.sh", f"127.0.0.1:{port}", self.district.folder, days],
                              capture_output=True, text=True, check=False, timeout=30)
        return done.returncode, done.stdout

    def test_says_nothing_where_all_is_well(self):
        self.assertEqual(self.look(), (0, ""))

    def test_sees_a_list_of_the_revoked_that_soon_ends(self):
        district.openssl("ca", "-config", self.district.config, "-gencrl", "-crldays", "1", "-out", self.district.crl)
        code, said = self.look()
        self.assertEqual((code, said.count("\n")), (1, 1))
        self.assertTrue(said.startswith("list of what is revoked ends: "), said)

    def test_sees_it_behind_one_that_does_not(self):
        lasting = self.district.crl.read_text()
        district.openssl("ca", "-config", self.district.config, "-gencrl", "-crldays", "1", "-out", self.district.crl)
        self.district.crl.write_text(lasting + self.district.crl.read_text())
        self.assertEqual(self.look()[0], 1)

    def test_sees_that_there_is_no_list(self):
        self.district.crl.write_text("")
        self.assertEqual(self.look(), (1, "there is no list of what is revoked\n"))

    def test_sees_certificates_that_soon_end(self):
        code, said = self.look(days="31")
        self.assertEqual((code, [line.partition(" ends: ")[0] for line in said.splitlines()]), (1, [
            "list of what is revoked", "CA of callers", f"certificate at 127.0.0.1:{self.listener.getsockname()[1]}"]))

    def test_sees_that_nobody_answers(self):
        port = edge.free_ports(1)
        self.assertEqual(self.look(port=port), (1, f"there is no certificate at 127.0.0.1:{port}\n"))


if __name__ == "__main__":
    unittest.main()
