#!/usr/bin/env python3
"""No statement of a service scans a table, or throws away most of what it reads.

Fills a database of each service with 20,000 rows a table, or as many as it is told (`tools/test plans`: a million, which
takes many minutes), runs every named statement there as the services do and reads what its plan did: the plan kept from
when the tables were empty, one made while PostgreSQL has looked at one of its tables only, one made anew, and one made
when a queue has drained: then PostgreSQL counts few rows in large indexes, and would as soon walk all of one. A statement
that nobody has given parameters fails the test.

Usage: plans_test.py [--rows N] [--show]
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

from parameters import CHANGES, MANY, READS, REPEATED, asked_with
from statements import all_statements, parts, session_options

HERE = pathlib.Path(__file__).resolve().parent
# Rows of a table below which a scan is no matter.
SMALL = 1_000
# Rows that a statement may read in vain, and read at all: a page is at most 51 here, merged from six states.
IN_VAIN = 60
READ = 1_000
# That are touched while there is next to nothing to be found.
PAGES = 500
# Tables that are sometimes full and sometimes empty.
QUEUES = ("backbone.machine_task", "backbone.timer", "backbone.desk_task")
# As while somebody holds an old snapshot: what was claimed, given back and settled stays in the indexes.
DRAIN = """
BEGIN;
UPDATE QUEUE SET payload = payload;
UPDATE QUEUE SET payload = payload;
DELETE FROM QUEUE WHERE id NOT IN (SELECT id FROM QUEUE LIMIT 3);
COMMIT;
ANALYZE QUEUE;
"""
# Or it would look at some tables meanwhile, and the test at other plans in every run.
NO_AUTOVACUUM = """
SELECT format('ALTER TABLE %s SET (autovacuum_enabled = off)', oid::regclass) FROM pg_class
 WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('backbone', 'intake', 'referral', 'notification')
\\gexec
"""
FORGET = """
UPDATE pg_class SET relpages = 0, reltuples = -1
 WHERE oid = 'TABLE'::regclass OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'TABLE'::regclass);
DELETE FROM pg_statistic WHERE starelid = 'TABLE'::regclass;
"""
TABLE = re.compile(r"\b(?:backbone|intake|referral|notification)\.\w+\b(?!\()")
PLAIN_INSERT = re.compile(r"\s*INSERT INTO \S+ (AS \w+ )?\([^)]*\)\s+VALUES\b(?!.*\bSELECT\b)", re.DOTALL)


def psql(database, script, rows=0, options=""):
    stores = json.loads(pathlib.Path(os.environ["XXT_TEST_STORES"]).read_text())
    environment = dict(os.environ, PGPASSWORD=stores["superuser_password"], PGOPTIONS=f"-c client_min_messages=error {options}")
    done = subprocess.run(
        ["psql", "-XqAt", "--set=ON_ERROR_STOP=1", f"--set=n={rows}", "-h", stores["postgres_host"], "-p",
         str(stores["postgres_port"]), "-U", stores["superuser"], "-d", database, "-f", "-"],
        input=script, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        sys.exit(f"{database}: {done.stderr}")
    return done.stdout


def filled(expression, rows):
    return re.sub(r"(?<!:):([rn])\b", lambda match: str(rows // 2 if match[1] == "r" else rows), expression)


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


def walked(plan, first_columns):
    """The indexes that are searched by other columns than their first: all of each is read."""
    for node in nodes(plan):
        first = first_columns.get(node.get("Index Name"), "")
        if "Index Cond" in node and first not in node["Index Cond"]:
            yield node["Index Name"]


def complaints(one, when, plan, sizes, first_columns):
    yield from (f"walks all of {index}" for index in walked(plan, first_columns))
    scanned, vain, kept = what_it_read(plan)
    yield from (f"scans {table}" for table in scanned if sizes.get(table, 0) > SMALL)
    if vain > max(IN_VAIN, kept):
        yield f"reads {vain} rows in vain and keeps {kept}"
    if vain + kept > READ and one.name not in MANY:
        yield f"reads {vain + kept} rows"
    pages = sum(node["Shared Hit Blocks"] + node["Shared Read Blocks"]
                for node in nodes(plan) if node.get("Relation Name") == "machine_task")
    if when == "drained" and one.name in REPEATED and pages > PAGES:
        yield f"walks {pages} pages of what is done"


def judge(one, when, rows):
    """Has the plan printed of a statement, which changes nothing for good."""
    values = filled(", ".join(asked_with(one)), rows)
    call = f'"{one.name}"{f"({values})" if values else ""}'
    return f"\\echo @{when}:{one.name}\nBEGIN;\nEXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF, FORMAT JSON) EXECUTE {call};\nROLLBACK;\n"


def knowing_one(statements, rows):
    """Judges what reads several tables while PostgreSQL knows of one of them alone what is in it."""
    several = {one.name: set(TABLE.findall(one.sql)) for one in statements}
    several = {name: tables for name, tables in several.items() if len(tables) > 1}
    for table in sorted(set().union(*several.values())):
        yield f"ANALYZE {table};\n"
        yield from (judge(one, f"knowing {table}", rows) for one in statements if table in several.get(one.name, ()))
        yield FORGET.replace("TABLE", table)


def run(service, statements, rows):
    """The plans of `statements` over so many rows a table, by when they were made and name."""
    database = f"xxt_test_plans_{service}"
    psql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE); CREATE DATABASE {database} TEMPLATE xxt_template_{service}")
    fill = "".join((HERE / f"fill_{part}.sql").read_text() for part in parts(service))
    script = NO_AUTOVACUUM + "".join(f'PREPARE "{one.name}" AS {one.sql};\n' for one in statements)
    script += "".join(judge(one, "empty", rows) for one in statements)
    # Nothing of the filling makes PostgreSQL forget the plans of the empty tables; later they are made anew.
    script += f"SET statement_timeout = 0;\n{fill}"
    script += "".join(judge(one, "kept", rows) for one in statements)
    script += "".join(knowing_one(statements, rows))
    script += "ANALYZE;\n" + "".join(judge(one, "new", rows) for one in statements)
    script += "".join(DRAIN.replace("QUEUE", queue) for queue in QUEUES)
    script += "".join(judge(one, "drained", rows) for one in statements)
    script += r"\echo @sizes" "\nSELECT json_object_agg(relname, reltuples::bigint) FROM pg_class WHERE relkind = 'r';\n"
    script += r"\echo @first" "\nSELECT json_object_agg(relname, pg_get_indexdef(oid, 1, true)) FROM pg_class WHERE relkind = 'i';\n"
    try:
        answers = psql(database, script, rows, session_options()).split("@")[1:]
    finally:
        psql("postgres", f"DROP DATABASE {database} WITH (FORCE)")
    answers = dict(answer.split("\n", 1) for answer in answers)
    sizes = json.loads(answers.pop("sizes"))
    first_columns = json.loads(answers.pop("first"))
    return {what: (json.loads(plan)[0]["Plan"], sizes, first_columns) for what, plan in answers.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    statements = [one for one in all_statements().values()
                  if not PLAIN_INSERT.match(one.sql) and not one.name.startswith("pg.")]
    unknown = [one.name for one in statements if asked_with(one) is None]
    stale = sorted((READS | CHANGES).keys() - all_statements().keys())
    wrong = [f"{name}: say in tests/plans/parameters.py what it is asked with" for name in unknown]
    wrong += [f"{name}: is in tests/plans/parameters.py, but no statement" for name in stale]
    known = [one for one in statements if one.name not in unknown]
    for service in ("intake", "referral", "notification"):
        mine = [one for one in known if one.service in parts(service)]
        plans = run(service, mine, asked.rows)
        by_name = {one.name: one for one in mine}
        for what, (plan, sizes, first_columns) in plans.items():
            when, name = what.split(":", 1)
            if when == "empty":
                continue
            wrong += [f"{name}, plan {when}: {said}" for said in complaints(by_name[name], when, plan, sizes, first_columns)]
            if asked.show:
                print(name, when, *what_it_read(plan))
    print("\n".join(wrong) or f"{len(known)} statements judged, over {asked.rows} rows a table")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
