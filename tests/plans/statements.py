"""Every SQL statement of the services: read from their sources, or printed by those that make them from messages.

The preprocessor puts the texts together, so that what is read here is what the compiler reads; a definition that cannot
be read is an error, so that none is missed in silence.
"""

import os
import pathlib
import re
import subprocess
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEFINITION = re.compile(r"\b(?:const|constexpr)\s+(?:xxt::)?(?:pg::)?(Statement|Insert)\s+(\w+)\s*[({=]")
TOKEN = re.compile(r'\s+|R"(\w*)\((.*?)\)\1"|"((?:[^"\\\n]|\\.)*)"|([{}(),&]|\w+)', re.DOTALL)
ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}


@dataclass
class Statement:
    service: str  # whose database: "common" is in all
    file: str
    name: str
    sql: str
    parameters: tuple = None  # "hall text" each, of one that is made from a message


def parts(service):
    """Whose statements are looked at in the database of `service`. What all have in common is looked at in one."""
    return (service, "common") if service == "intake" else (service,)


def sources():
    for folder in ("common", "services"):
        for path in sorted((ROOT / folder).rglob("*")):
            # insert.* and the store make statements of what others define; tests and their worlds ask on their own.
            of_tests = path.stem.endswith(("_test", "_world")) or path.parent.name == "testing"
            if path.suffix in (".cc", ".h") and not of_tests and path.stem not in ("insert", "session") and path.parent.name != "store":
                yield path


def preprocessed(path):
    text = re.sub(r"^\s*#\s*include.*$", "", path.read_text(), flags=re.MULTILINE)
    done = subprocess.run(["cpp", "-P", "-undef", "-x", "c++", "-"], input=text, capture_output=True, text=True, check=True)
    return done.stdout


def literals(text, start, where):
    """The texts inside the braces that open at `start`: parts side by side are one."""
    found, depth, at, joined = [], 0, start, False
    while True:
        token = TOKEN.match(text, at)
        if token is None:
            raise ValueError(f"{where}: cannot be read at {text[at:at + 40]!r}")
        at = token.end()
        raw, plain, other = token[2], token[3], token[4]
        if raw is not None or plain is not None:
            part = raw if raw is not None else re.sub(r"\\(.)", lambda m: ESCAPES[m[1]], plain)
            found[-1:] = [found[-1] + part] if joined else [*found[-1:], part]
            joined = True
        elif other is not None:
            joined = False
            depth += (other in "{(") - (other in "})")
            if depth == 0:
                return found


def insert_sql(parts):
    table, rest = parts[0], parts[1:]
    suffix = rest.pop() if len(rest) % 2 else ""
    names, types = rest[0::2], rest[1::2]
    values = ", ".join(f"${i + 1}::{kind}" for i, kind in enumerate(types))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values}) {suffix}"


def all_statements():
    found = {}
    for path in sources():
        if not DEFINITION.search(path.read_text()):
            continue
        file = str(path.relative_to(ROOT))
        text = preprocessed(path)
        for match in DEFINITION.finditer(text):
            name, *parts = literals(text, match.end() - 1, f"{file}: {match[2]}")
            sql = insert_sql(parts) if match[1] == "Insert" else parts[0]
            if name in found:
                raise ValueError(f"{file}: {name} is also in {found[name].file}")
            service = file.split("/")[1] if file.startswith("services/") else "common"
            found[name] = Statement(service, file, name, sql)
    for one in generated():
        found[one.name] = one
    return found


def generated():
    """What the services in XXT_SERVICES ("intake=FILE …") print; each table in a source must be among it."""
    tables = set()
    for name, file in (pair.split("=", 1) for pair in os.environ["XXT_SERVICES"].split()):
        printed = subprocess.run([file, "--print-statements"], capture_output=True, text=True, check=True).stdout
        for line in printed.splitlines():
            statement, sql, parameters = line.split("\t")
            tables.add(statement.split(".")[0])
            yield Statement(name, file, statement, sql, tuple(parameters.split(", ")))
    for path in (ROOT / "services").rglob("*.cc"):
        for schema_and_table in re.findall(r'store::Table<[^>]*>\s+\w+\(\s*"([^"]+)"', path.read_text()):
            if schema_and_table.split(".")[1] not in tables:
                raise ValueError(f"{path}: no service prints the statements of {schema_and_table}")


def session_options():
    """What the services' sessions are set to."""
    text = preprocessed(ROOT / "common/pg/connection.cc")
    return "".join(re.findall(r'"([^"]*)"', re.search(r"kOptions\[\]\s*=(.*?);", text, re.DOTALL)[1]))
