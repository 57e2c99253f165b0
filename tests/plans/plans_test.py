#!/usr/bin/env python3
"""No statement of a service scans a table, or throws away most of what it reads.

Fills a database of each service with some ten thousand rows a table, runs every named statement there as the services
do and reads what its plan did: the plan kept from when the tables were empty, and one made anew. A statement that nobody
has given parameters fails the test.

Usage: plans_test.py [--show]
"""

import json
import os
import pathlib
import re
import subprocess
import sys

from parameters import CHANGES, EXCEPTIONS, READS, of_message
from statements import all_statements, parts, session_options

HERE = pathlib.Path(__file__).resolve().parent
ROWS = 20_000
# Rows of a table below which a scan is no matter.
SMALL = 1_000
# Rows that a statement may read in vain, and read at all: a page is at most 51 here, merged from six states.
IN_VAIN = 60
READ = 1_000
PLAIN_INSERT = re.compile(r"\s*INSERT INTO \S+ (AS \w+ )?\([^)]*\)\s+VALUES\b(?!.*\bSELECT\b)", re.DOTALL)


def psql(database, script, options=""):
    stores = json.loads(pathlib.Path(os.environ["XXT_TEST_STORES"]).read_text())
    environment = dict(os.environ, PGPASSWORD=stores["superuser_password"], PGOPTIONS=f"-c client_min_messages=error {options}")
    done = subprocess.run(
        ["psql", "-XqAt", "--set=ON_ERROR_STOP=1", f"--set=n={ROWS}", "-h", stores["postgres_host"], "-p",
         str(stores["postgres_port"]), "-U", stores["superuser"], "-d", database, "-f", "-"],
        input=script, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        sys.exit(f"{database}: {done.stderr}")
    return done.stdout


def filled(expression):
    return re.sub(r"(?<!:):([rn])\b", lambda match: str(ROWS // 2 if match[1] == "r" else ROWS), expression)


def nodes(plan):
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def what_it_read(plan):
    """Rows read in vain and rows read of each table, and which tables were scanned."""
    scanned, vain, kept = set(), 0, 0
    for node in nodes(plan):
        if "Scan" not in node["Node Type"] or "Relation Name" not in node or node["Actual Loops"] == 0:
            continue
        vain += node.get("Rows Removed by Filter", 0) * node["Actual Loops"]
        kept += node["Actual Rows"] * node["Actual Loops"]
        if node["Node Type"] == "Seq Scan":
            scanned.add(node["Relation Name"])
    return scanned, round(vain), round(kept)


def complaints(plan, sizes):
    scanned, vain, kept = what_it_read(plan)
    yield from (f"scans {table}" for table in scanned if sizes.get(table, 0) > SMALL)
    if vain > max(IN_VAIN, kept):
        yield f"reads {vain} rows in vain and keeps {kept}"
    if vain + kept > READ:
        yield f"reads {vain + kept} rows"


def judge(one, when):
    """Has the plan printed of a statement, which changes nothing for good."""
    values = filled(", ".join(of_message(one.parameters) if one.parameters else (READS | CHANGES)[one.name]))
    call = f'"{one.name}"{f"({values})" if values else ""}'
    return f"\\echo @{when}:{one.name}\nBEGIN;\nEXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, FORMAT JSON) EXECUTE {call};\nROLLBACK;\n"


def run(service, statements):
    """The plans of `statements`, by when they were made and name."""
    database = f"xxt_test_plans_{service}"
    psql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE); CREATE DATABASE {database} TEMPLATE xxt_template_{service}")
    fill = "".join((HERE / f"fill_{part}.sql").read_text() for part in parts(service))
    script = "".join(f'PREPARE "{one.name}" AS {one.sql};\n' for one in statements)
    script += "".join(judge(one, "empty") for one in statements)
    # Nothing here makes PostgreSQL forget the plans of the empty tables; then all of them are made anew.
    script += f"SET statement_timeout = 0;\n{fill}"
    script += "".join(judge(one, "kept") for one in statements)
    script += "ANALYZE;\n" + "".join(judge(one, "new") for one in statements)
    script += r"\echo @sizes" "\nSELECT json_object_agg(relname, reltuples::bigint) FROM pg_class WHERE relkind = 'r';\n"
    try:
        answers = psql(database, script, session_options()).split("@")[1:]
    finally:
        psql("postgres", f"DROP DATABASE {database} WITH (FORCE)")
    answers = dict(answer.split("\n", 1) for answer in answers)
    sizes = json.loads(answers.pop("sizes"))
    return {what: (json.loads(plan)[0]["Plan"], sizes) for what, plan in answers.items()}


def main():
    statements = [one for one in all_statements().values()
                  if not PLAIN_INSERT.match(one.sql) and one.name not in EXCEPTIONS and not one.name.startswith("pg.")]
    unknown = [one.name for one in statements if one.name not in READS | CHANGES and not one.parameters]
    stale = sorted((READS | CHANGES | EXCEPTIONS).keys() - all_statements().keys())
    wrong = [f"{name}: say in tests/plans/parameters.py what it is asked with" for name in unknown]
    wrong += [f"{name}: is in tests/plans/parameters.py, but no statement" for name in stale]
    known = [one for one in statements if one.name not in unknown]
    for service in ("intake", "referral", "notification"):
        mine = [one for one in known if one.service in parts(service)]
        plans = run(service, mine)
        for one in mine:
            for when in ("kept", "new"):
                plan, sizes = plans[f"{when}:{one.name}"]
                wrong += [f"{one.name}, plan {when}: {what}" for what in complaints(plan, sizes)]
                if "--show" in sys.argv:
                    print(one.name, when, *what_it_read(plan))
    print("\n".join(wrong) or f"{len(known)} statements judged")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
