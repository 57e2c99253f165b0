"""A standby of the PostgreSQL of a tools/dev instance: its commits wait for it, and it can take its place."""
import os
import pathlib
import signal
import socket
import subprocess
import time

POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")
AS_OWNER = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_until(what, condition, seconds=60):
    """How long it took. Raises TimeoutError."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() > began + seconds:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


def kill_server(postmaster):
    """All its processes at once, as with the machine."""
    children = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True, check=False).stdout.split()
    for pid in [postmaster, *map(int, children)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Standby:
    """`folder` is the instance's; `primary` the port that its PostgreSQL listens on. Owns a process until end()."""

    def __init__(self, folder, primary):
        self.folder, self.primary, self.port = folder, primary, free_port()
        self.data = (folder / "pg").resolve() / "standby"
        self.processes = []

    def sql(self, port, query, database="postgres"):
        """The rows of a query, as superuser, as lines."""
        password = (self.folder / "secrets/superuser").read_text().strip()
        done = subprocess.run([POSTGRES / "psql", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", database, "-At", "-c", query],
                              env=os.environ | {"PGPASSWORD": password}, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    def serve(self, data, port, name):
        with open(self.folder / "logs" / f"{name}.log", "ab") as log:
            self.processes.append(subprocess.Popen(
                [*AS_OWNER, POSTGRES / "postgres", "-D", data, "-c", "listen_addresses=127.0.0.1", "-c", f"port={port}", "-c",
                 "unix_socket_directories=", "-c", "timezone=Asia/Shanghai", "-c", "wal_retrieve_retry_interval=200ms"],
                stdout=log, stderr=log, cwd="/", start_new_session=True))
        return self.processes[-1]

    def begin(self):
        """Copies the primary; returns when commits wait for the copy."""
        password = (self.folder / "secrets/superuser").read_text().strip()
        source = f"host=127.0.0.1 port={self.primary} user=postgres password={password} application_name=standby"
        subprocess.run([*AS_OWNER, POSTGRES / "pg_basebackup", "-d", source, "-D", self.data, "-R", "-c", "fast"], check=True,
                       cwd="/")
        self.process = self.serve(self.data, self.port, "standby")
        self.sql(self.primary, "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        self.sql(self.primary, "SELECT pg_reload_conf()")
        wait_until("a synchronous standby", lambda: self.sql(self.primary, "SELECT sync_state FROM pg_stat_replication") == ["sync"])

    def promote(self):
        subprocess.run([*AS_OWNER, POSTGRES / "pg_ctl", "promote", "-w", "-D", self.data], check=True, cwd="/",
                       stdout=subprocess.DEVNULL)

    def bring_back_old_primary(self):
        """As a standby, read-only; returns when it answers."""
        data = self.data.with_name("data")
        subprocess.run([*AS_OWNER, "touch", data / "standby.signal"], check=True, cwd="/")
        self.serve(data, self.primary, "old-primary")
        wait_until("the old primary as a standby", self.old_primary_reads)

    def old_primary_reads(self):
        try:
            return self.sql(self.primary, "SELECT pg_is_in_recovery()") == ["t"]
        except subprocess.CalledProcessError:
            return False

    def reap(self):
        """A server that was killed counts as running to the next one until its parent has looked."""
        for process in self.processes:
            process.poll()

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()
