"""Two replicas of every service: started with an order to die, killed, paused, asked to stop, their clocks moved."""
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

from instance import BIN, LIBFAKETIME

TERM_WITHIN_S = 20


class Replica:
    """One process. Whatever ends it without having been ordered is a complaint."""

    def __init__(self, instance, service, index, complaints, journal):
        self.instance, self.service, self.index, self.complaints = instance, service, index, complaints
        self.journal = journal
        self.name = f"{service}-{index}"
        self.bin, self.config = BIN, instance.dir / "config"  # of which release it is, and how that is configured
        self.process = None
        self.ordered = set()  # ways in which the running process may end: -9, 0
        self.lock = threading.RLock()

    def environment(self, crash_at, fake_clock):
        proxied, options = self.instance.proxied, self.instance.options
        grpc, metrics, health = self.instance.replica_ports[self.service][self.index]
        # Nearly the half of a lease that an outside call may take: a busy machine alone makes no mail doubtful.
        mail_within = f"{options.lease_s * 475}ms"
        settings = {
            "LISTEN__ADDRESS": f"127.0.0.1:{grpc}", "METRICS__ADDRESS": f"127.0.0.1:{metrics}",
            "HEALTH__ADDRESS": f"127.0.0.1:{health}",
            "POSTGRES__DSN": f"host=127.0.0.1 port={proxied['pg-' + self.service]} dbname=xxt_{self.service} "
                             f"user=xxt_{self.service}",
            "REDIS__ADDRESS": f"127.0.0.1:{proxied['redis']}",
            "TASKS__LEASE": f"{options.lease_s}s", "TASKS__REDELIVER_AFTER": f"{options.redeliver_s}s",
        }
        if self.service == "intake":
            settings["PEERS__NOTIFICATION"] = f"127.0.0.1:{proxied['notification']}"
        else:
            settings["PEERS__INTAKE"] = f"127.0.0.1:{proxied['intake']}"
        if self.service == "referral":
            settings |= {"MAIL__SMTP_URL": f"smtp://127.0.0.1:{proxied['smtp']}", "MAIL__TIMEOUT": mail_within,
                         "MAIL__IMAP_URL": f"imap://127.0.0.1:{proxied['imap']}"}
        if self.service == "notification":
            sms = f"http://127.0.0.1:{proxied['sms']}/v1"
            settings |= {"SMS__URL": f"{sms}/sms", "SMS__QUERY_URL": f"{sms}/sms", "SMS__RECEIPTS_URL": f"{sms}/receipts",
                         "SMS__TIMEOUT": "1s", "SMS__QUIET_UNTIL": "0", "SMS__QUIET_FROM": "24",
                         "EMAIL__SMTP_URL": f"smtp://127.0.0.1:{proxied['smtp']}", "EMAIL__TIMEOUT": mail_within}
            if options.forgetful:
                settings["SMS__IDEMPOTENCY_WINDOW"] = "0s"
        settings |= {key: value for service, key, value in options.settings if service in ("", self.service)}
        env = dict(os.environ) | {f"XXT_{self.service.upper()}__{key}": value for key, value in settings.items()}
        if crash_at:
            env["XXT_CRASH_AT"] = crash_at
        if options.planted:
            env["XXT_PLANTED_BUG"] = options.planted
        if fake_clock is not None:
            # Monotonic time is what a step of the wall clock leaves alone.
            env |= {"LD_PRELOAD": LIBFAKETIME, "FAKETIME_TIMESTAMP_FILE": str(fake_clock), "FAKETIME_NO_CACHE": "1",
                    "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
        return env

    def start(self, crash_at=None, fake_clock=None):
        with self.lock:
            self.ordered = {-signal.SIGKILL} if crash_at and not crash_at.endswith(":stop") else set()
            with open(self.instance.dir / "logs" / f"{self.service}.log", "ab") as log:
                self.process = subprocess.Popen(
                    [self.bin / f"services/{self.service}/xxt-{self.service}", "--config", self.config / f"{self.service}.yaml"],
                    env=self.environment(crash_at, fake_clock), stdout=log, stderr=log)

    def _ended(self):
        """Notes how the process ended; True if it did."""
        code = self.process.poll() if self.process is not None else 0
        if code is None:
            return False
        if self.process is not None and code not in self.ordered:
            self.complaints.append(f"{self.name} ended by itself: exit {code}")
        if self.process is not None:
            note = self.journal.died if code == -signal.SIGKILL else self.journal.exited
            note(self.service, self.process.pid)
        self.process = None
        return True

    def wait(self, seconds):
        """True if it has ended within that time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with self.lock:
                if self._ended():
                    return True
            time.sleep(0.02)
        return False

    def await_listening(self, over=None, seconds=15):
        """Until it serves, has ended, or the storm is over; True if it serves."""
        deadline = time.monotonic() + seconds
        port = self.instance.replica_ports[self.service][self.index][0]
        while time.monotonic() < deadline and self.running() and not (over and over.is_set()):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return True
            except OSError:
                time.sleep(0.03)
        return False

    def kill(self):
        """SIGKILL from outside. False if it was gone already."""
        with self.lock:
            if self._ended():
                return False
            self.ordered.add(-signal.SIGKILL)
            self.process.kill()
            self.process.wait()
            self._ended()
            return True

    def pause(self, within, seconds):
        """Waits for it to stop where it was ordered to, or stops it; lets it go on. False if it was not where ordered."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline and self.running() and not self.stopped():
            time.sleep(0.02)
        there = self.stopped()
        with self.lock:
            if self._ended():
                return False
            self.process.send_signal(signal.SIGSTOP)
            pid, began = self.process.pid, time.time()
        time.sleep(seconds)
        with self.lock:
            goes_on = not self._ended()  # a double kill may have met it
            if goes_on:
                self.process.send_signal(signal.SIGCONT)
            self.journal.paused(self.service, pid, began, goes_on)
        return there

    def stopped(self):
        process = self.process
        try:
            stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text()
        except (OSError, AttributeError):
            return False
        return stat.rpartition(")")[2].split()[0] == "T"

    def terminate(self):
        """SIGTERM under load: it must end with 0."""
        with self.lock:
            if self._ended():
                return
            self.ordered = {0, -signal.SIGKILL} if -signal.SIGKILL in self.ordered else {0}
            self.process.terminate()
        if not self.wait(TERM_WITHIN_S):
            self.complaints.append(f"{self.name} did not end within {TERM_WITHIN_S} s of SIGTERM: {self.threads()}")
            self.kill()

    def threads(self):
        """What waits: names of threads that are left, and of the calls they are in."""
        left = []
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*"):
            try:
                left.append(f"{(task / 'comm').read_text().strip()}:{(task / 'wchan').read_text().strip()}")
            except OSError:
                pass
        return " ".join(sorted(left))

    def running(self):
        with self.lock:
            return not self._ended()
