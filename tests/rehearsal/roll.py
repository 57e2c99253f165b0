#!/usr/bin/python3
"""Rolls the services to the next release and back under load: old and new binaries side by side, on the old tables and the new.

  roll.py --before DIR [--rolls 20]     DIR: a checkout of the release before, built there (tools/rehearse makes it)

Tables begin as the release before has them; what is new in them comes first, while only the old release runs, as
docs/operations/playbook.md says. Each roll replaces all six replicas, one by one.
"""
import dataclasses
import os
import pathlib
import subprocess

import outcome
import stage
# Of tests/chaos, which `stage` has on the path.
from evidence import Evidence
from instance import PRESET

FOLDERS = ("common/pg/migrations", "services/{service}/migrations")


@dataclasses.dataclass
class Release:
    root: pathlib.Path
    config: pathlib.Path

    def put_on(self, replica):
        replica.bin, replica.config = self.root / "build" / PRESET, self.config

    def migrations(self, service):
        """Its files by name, in the order in which they are applied."""
        found = [path for folder in FOLDERS for path in (self.root / folder.format(service=service)).glob("*.sql")]
        return {path.name: path for path in sorted(found, key=lambda path: path.name)}


def newer(before, after):
    """The migrations that only `after` has. They must be its last ones: no release puts any before those that were applied."""
    added = [name for name in after if name not in before]
    if added != list(after)[len(after) - len(added):]:
        raise RuntimeError(f"migrations were put before others that are applied already: {' '.join(added)}")
    return added


class Roll(stage.Rehearsal):
    def __init__(self, found, before, rolls):
        super().__init__(found, stage.Options())
        self.root, self.rolls = before, rolls
        self.applied = {}  # service -> how many migrations are new

    def prepare(self):
        """The old release, on its tables."""
        self.old = Release(self.root, self.write_old_config())
        self.new = Release(stage.ROOT, self.instance.dir / "config")
        for service in stage.SERVICES:
            added = newer(self.old.migrations(service), self.new.migrations(service))
            for _ in added:
                self.dbmate(service, "rollback")
            self.applied[service] = len(added)
        for replica in self.everybody():
            self.old.put_on(replica)

    def act(self):
        for service in stage.SERVICES:
            self.dbmate(service, "migrate")
        Evidence.make_views(self.instance)
        slowest = 0.0
        for number in range(self.rolls):
            release = self.old if number % 2 else self.new
            for replica in self.everybody():
                slowest = max(slowest, self.replace(replica, lambda replica=replica, release=release: release.put_on(replica)))
        self.outcome.figure("migrations under load", sum(self.applied.values()))
        self.outcome.figure("rolls", self.rolls)
        self.outcome.figure("replicas replaced", self.rolls * len(self.everybody()))
        self.outcome.figure("slowest stop, s", slowest)

    def write_old_config(self):
        """With the old release's own tools: a key that it does not know would be refused."""
        folder = self.instance.dir / "before"
        folder.mkdir()
        for name in ("secrets", "keys", "tls"):
            (folder / name).symlink_to(self.instance.dir / name)
        script = """set -euo pipefail
            root=$1 run=$3 preset=$4
            for part in say process postgres redis config; do source "$root/tools/lib/$part.sh"; done
            source "$2/env"
            write_service_configs"""
        subprocess.run(["bash", "-c", script, "roll", self.root, self.instance.dir, folder, PRESET], check=True)
        return folder / "config"

    def dbmate(self, service, what):
        """Of the new release, whose migrations know how to be taken back."""
        url = (f"postgres://xxt_migrator:{self.instance.secret('xxt_migrator')}@127.0.0.1:{self.instance.ports['postgres']}/"
               f"xxt_{service}?sslmode=disable")
        folders = [f"--migrations-dir={stage.ROOT / folder.format(service=service)}" for folder in FOLDERS]
        done = subprocess.run([stage.ROOT / "tools/node_modules/.bin/dbmate", *folders, "--no-dump-schema", what],
                              env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"dbmate {what} {service}: {done.stderr[-500:]}")


def command_line():
    parser = outcome.arguments(__doc__, rolls=(20, 2))
    parser.add_argument("--before", type=pathlib.Path, required=True)
    return parser


if __name__ == "__main__":
    outcome.main(command_line(), lambda args: Roll(outcome.Outcome("roll"), args.before.resolve(), args.rolls).rehearse())
