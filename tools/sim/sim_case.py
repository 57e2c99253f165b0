"""How the tests start and ask the simulators. Not a program; see test_sims.py."""
import json
import os
import pathlib
import re
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
BODIES = pathlib.Path(HERE) / "bodies"
WINDOW, ARCHIVE = "window@hall.example", "archive@crematorium.example"


def until(check, what="condition", seconds=8):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"{what} not within {seconds} s")


def http(method, url, body=None, **headers):
    """(status, JSON or text); None as status when the connection breaks."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    except OSError:
        return None, None
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.dir)

    def file(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def start(self, program, *flags):
        """(process, {name: port}) of a simulator that is ready."""
        process = subprocess.Popen([sys.executable, os.path.join(HERE, program), *map(str, flags)],
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(self.stop, process)
        line = process.stdout.readline()
        self.assertTrue(line.startswith("ready "), line)
        return process, {name: int(port) for name, port in re.findall(r"(\w+)=(\d+)", line)}

    def stop(self, process):
        if process.poll() is None:
            process.terminate()
            self.assertEqual(process.wait(5), 0)

    def kill(self, process):
        process.kill()
        process.wait()


class MailCase(Case):
    def mail_server(self, *more):
        """With accounts of `more` addresses, whose password is pw2."""
        accounts = f"{WINDOW}: pw1\n" + "".join(f"{address}:pw2\n" for address in {ARCHIVE, *more})
        process, self.ports = self.start(
            "mail_server.py", "--smtp-port", 0, "--imap-port", 0, "--http-port", 0, "--dir",
            os.path.join(self.dir, "mail"), "--accounts", self.file("accounts", accounts))
        self.url = f"http://127.0.0.1:{self.ports['http']}"
        return process

    def send(self, message_id="<1@x>", subject="s", to=WINDOW, text="hello"):
        with smtplib.SMTP("127.0.0.1", self.ports["smtp"], timeout=5) as smtp:
            smtp.sendmail(WINDOW, [to], f"From: {WINDOW}\r\nTo: {to}\r\nSubject: {subject}\r\n"
                                        f"Message-ID: {message_id}\r\n\r\n{text}\r\n")

    def mails(self, address=WINDOW):
        return http("GET", f"{self.url}/mailbox/{address}")[1]

    def rows(self):
        return http("GET", self.url + "/ledger")[1]

    def curl(self, path, *flags, user=f"{WINDOW}:pw1"):
        answer = subprocess.run(["curl", "-sS", "-u", user, f"imap://127.0.0.1:{self.ports['imap']}{path}", *flags],
                                capture_output=True, timeout=5, check=False)
        self.trace = answer.stderr.decode("utf-8", "replace")
        return answer.returncode, answer.stdout.decode("utf-8", "replace")
