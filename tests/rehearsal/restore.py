#!/usr/bin/python3
"""Backs PostgreSQL up under load, destroys it, restores it and verifies every row: nothing may be missing.

As deploy/components/backup does it: a whole copy, and every piece of the write-ahead log as it is filled. What was not in the
archive when the machine was lost is lost; here the last piece is in it. After a restore services take bearer tokens of before,
and refuse resume tokens of before: whoever watches is told so, and lists again (docs/decisions/0020).
"""
import shutil
import subprocess
import time

import outcome
from stage import BIN, SERVICES, Options, Rehearsal, wait_until
# Of tests/chaos, which `stage` has on the path.
from evidence import Evidence
from instance import standby

BACK_WITHIN_S = 120
# Of everything that a service keeps of its own, and of the ledger.
TABLES = """SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
             WHERE schemaname IN ('{service}') OR schemaname = 'backbone' AND tablename IN ('event', 'task_settled') ORDER BY 1"""


class Restore(Rehearsal):
    def __init__(self, found, load_s):
        super().__init__(found, Options())
        self.load_s = load_s

    def prepare(self):
        self.store = (self.instance.dir / "pg").resolve()
        self.data, self.copy, self.archive = (self.store / name for name in ("data", "backup", "archive"))
        self.as_owner("mkdir", self.archive)
        for setting in ("archive_mode = on", f"archive_command = 'test ! -e {self.archive}/%f && cp %p {self.archive}/%f'"):
            self.instance.sql("", f"ALTER SYSTEM SET {setting}")
        self.instance.restart_postgres()
        Evidence.make_views(self.instance)

    def act(self):
        began = time.monotonic()
        self.back_up()
        self.outcome.figure("backup under load, s", time.monotonic() - began)
        self.over.wait(self.load_s)
        self.load.stop()
        self.become_calm("before the loss")
        before = self.rows()
        self.archive_the_last()
        began = time.monotonic()
        argv = self.destroy()
        self.restore(argv)
        for replica in self.everybody():
            self.await_ready(replica)
        self.outcome.figure("destroyed to ready again, s", time.monotonic() - began)
        self.compare(before, self.rows())
        self.verify()
        self.outcome.figure("destroyed to verified, s", time.monotonic() - began)
        self.journal.done["failover"] += 1  # of which every watch must be told: its token is of another history
        self.load.burst("restored", 10)

    def as_owner(self, *command, **environment):
        subprocess.run([*standby.AS_OWNER, *command], check=True, cwd="/", stdout=subprocess.DEVNULL,
                       env={"PATH": "/usr/bin:/bin", **environment})

    def back_up(self):
        self.as_owner(standby.POSTGRES / "pg_basebackup", "-h", "127.0.0.1", "-p", str(self.instance.ports["postgres"]), "-U", "postgres",
                      "-D", self.copy, "-c", "fast", "-X", "none", "--no-manifest", PGPASSWORD=self.instance.secret("superuser"))

    def archive_the_last(self):
        self.instance.sql("", "SELECT txid_current()")  # an empty piece is not switched
        last = self.instance.sql("", "SELECT pg_walfile_name(pg_switch_wal())")[0][0]
        wait_until("the last piece is in the archive", lambda: (self.archive / last).exists(), BACK_WITHIN_S)
        self.outcome.figure("pieces of the log in the archive", len(list(self.archive.iterdir())))

    def rows(self):
        """How many there are of each table, by service and table."""
        found = {}
        for service in SERVICES:
            for (table,) in self.instance.sql(service, TABLES.format(service=service)):
                found[service, table] = int(self.instance.sql(service, f"SELECT count(*) FROM {table}")[0][0])
        return found

    def destroy(self):
        """How the server was started, and nothing else of it."""
        argv = self.instance.argv_of("postgres")
        standby.kill_server(self.instance.pid_of("postgres"))
        shutil.rmtree(self.data)
        return argv

    def restore(self, argv):
        self.as_owner("cp", "-a", self.copy, self.data)
        self.as_owner("touch", self.data / "recovery.signal")
        self.as_owner("sh", "-c", 'echo "$1" >>"$2"', "restore", f"restore_command = 'cp {self.archive}/%f %p'",
                      self.data / "postgresql.auto.conf")
        with open(self.instance.dir / "logs/postgres.log", "ab") as log:
            self.server = subprocess.Popen([*standby.AS_OWNER, *argv], stdout=log, stderr=log, start_new_session=True, cwd="/")
        self.instance.note_pid("postgres", self.server.pid)
        wait_until("the restored server takes writes", self.takes_writes, BACK_WITHIN_S)

    def takes_writes(self):
        if self.server.poll() is not None:
            raise RuntimeError("the restored server ended: see logs/postgres.log")
        return self.instance.postgres_ready() and self.instance.sql("", "SELECT pg_is_in_recovery()") == [["f"]]

    def compare(self, before, after):
        self.outcome.figure("rows restored", sum(after.values()))
        for line in missing(before, after):
            self.outcome.broken(line)

    def verify(self):
        for service in SERVICES:
            done = subprocess.run([BIN / "tools/xxt-store/xxt-store", "--service", service, "--config",
                                   self.instance.dir / f"config/{service}.yaml", "--password-file", self.instance.dir / "secrets/xxt_store",
                                   "--lang", "en", "verify"], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                self.outcome.broken(f"xxt-store verify {service}: exit {done.returncode}: {(done.stdout + done.stderr)[-500:]}")


def missing(before, after):
    """One line for each table that has fewer rows than it had."""
    return [f"{service} {table}: {after.get((service, table), 0)} rows of {count}"
            for (service, table), count in before.items() if after.get((service, table), 0) < count]


if __name__ == "__main__":
    outcome.main(outcome.arguments(__doc__, load=(60, 8)), lambda args: Restore(outcome.Outcome("restore"), args.load).rehearse())
