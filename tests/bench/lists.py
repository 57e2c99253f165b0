#!/usr/bin/env python3
"""Measures every list and look-up of a service over ROWS rows a table, and prints one JSON object for each.

tests/plans says what the statements are, what they are asked with, and what is in the tables. They run by pgbench, with
the settings of the services' sessions, one after the other, for rows taken at random from the last 10,000: what people
look at is recent, and what is not costs a cold page, whatever the statement. The median that counts is the least of
three runs after one to warm up: what else the machine does only makes one longer.

Usage: lists.py [--filled STATEMENT] SERVICE DATABASE ROWS PORT PASSWORD_FILE

  --filled STATEMENT   only this one, in a database that is filled already
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "plans"))
from parameters import asked_with, is_look  # noqa: E402
from statements import all_statements, parts, session_options  # noqa: E402

TIMES = 300
RUNS = 3


def run(command, options, password, **more):
    environment = dict(os.environ, PGPASSWORD=password, PGOPTIONS=options)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.stderr}")


def p50_ms(script, more, options, password):
    """The median of one run of pgbench."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "one.sql"
        file.write_text(script)
        run(["pgbench", "-n", "-M", "prepared", "-c", "1", "-t", str(TIMES), "-l", "--log-prefix=log", "-f", file.name, *more],
            options, password, cwd=folder)
        log, = pathlib.Path(folder).glob("log*")
        return statistics.median(int(line.split()[2]) for line in log.read_text().splitlines()) / 1000


def measure(one, rows, more, password):
    values = asked_with(one)
    sql = re.sub(r"\$(\d+)", lambda number: f"({values[int(number[1]) - 1]})", one.sql)
    sql = re.sub(r"(?<!:):([rn])\b", r":\1::int", sql)
    script = f"\\set n {rows}\n\\set r random(:n - 9999, :n)\n{' '.join(sql.split())};\n"
    runs = [p50_ms(script, more, session_options(), password) for _ in range(1 + RUNS)]
    print(json.dumps({"key": f"list {one.name}", "rows": int(rows), "p50_ms": min(runs[1:])}))


def main():
    filled = sys.argv[2] if sys.argv[1] == "--filled" else None
    service, database, rows, port, password_file = sys.argv[3 if filled else 1 :]
    password = pathlib.Path(password_file).read_text().strip()
    where = ["-h", "127.0.0.1", "-p", port, "-U", "postgres"]
    plans = pathlib.Path(__file__).resolve().parent.parent / "plans"
    if filled:
        measure(all_statements()[filled], rows, [*where, database], password)
        return
    for fill in (f"fill_{part}.sql" for part in parts(service)):
        run(["psql", "-Xq", "--set=ON_ERROR_STOP=1", f"--set=n={rows}", *where, "-d", database, "-f", str(plans / fill)],
            "-c synchronous_commit=off", password)
    run(["psql", "-Xq", *where, "-d", database, "-c", "VACUUM ANALYZE"], "", password)
    for one in all_statements().values():
        if one.service in parts(service) and is_look(one):
            measure(one, rows, [*where, database], password)


if __name__ == "__main__":
    main()
