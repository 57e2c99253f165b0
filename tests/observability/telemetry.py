"""What docs/operations/telemetry.md says of the metrics, and what the code declares."""

import collections
import itertools
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ("docs/operations/telemetry.md", "docs/operations/telemetry.zh-CN.md")
NAME = re.compile(r"\b(?:xixinting|rpc_server)_[a-z_]+")

Metric = collections.namedtuple("Metric", "type unit labels")


def tables(page):
    """Returns the tables of a page, each a list of rows of cells."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    grouped = itertools.groupby(lines, key=lambda line: line.startswith("| "))
    rows = [[[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines] for is_row, lines in grouped if is_row]
    return [table[2:] for table in rows]


def coded(cell):
    return re.findall(r"`([^`]+)`", cell)


def metrics_of_page(page=PAGES[0]):
    """Returns {name: Metric} as the page says."""
    return {coded(row[0])[0]: Metric(row[1], row[2], tuple(coded(row[3]))) for row in tables(page)[0]}


def labels_of_page(page=PAGES[0]):
    return {coded(row[0])[0] for row in tables(page)[1]}


def names_in(path):
    return set(NAME.findall((ROOT / path).read_text(encoding="utf-8")))


def sources(*patterns):
    """Returns the texts of the services' sources, those of tests left out."""
    files = [file for top in ("common", "services") for pattern in patterns or ("*.cc",) for file in (ROOT / top).rglob(pattern)]
    return [file.read_text(encoding="utf-8") for file in files if not file.name.endswith("_test.cc")]


def metrics_in_code():
    """Returns {name: type} of what is declared: Build<Type>().Name("…"), or Add<Type>(registry, "…"."""
    declared = re.compile(r'(?:\bBuild(\w+)\(\)\s*\.Name\(|\bAdd(\w+)\(\*?\w+, )"(' + NAME.pattern + r')"')
    return {name: (built or added).lower() for text in sources() for built, added, name in declared.findall(text)}


def metrics_of_edge():
    """Returns {name: type} of the page that nginx fills in."""
    page = (ROOT / "deploy/components/edge/metrics").read_text(encoding="utf-8")
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE))


def names_in_code():
    """Returns every text in the code that is a metric's name and nothing else."""
    return {name for text in sources() for name in re.findall(rf'"({NAME.pattern})"', text)}


def labels_in_code():
    """Returns the labels with which the sources that declare metrics add one."""
    added = re.compile(r'(?:\.Add\(|Labels \w+ = )\{((?:\s*\{"\w+", [^{}]*\},?)+)\}')
    return {label for text in sources() if NAME.search(text)
            for labels in added.findall(text) for label in re.findall(r'\{"(\w+)",', labels)}


def selectors_of(expression):
    """Returns [(metric, labels that it is asked by)] of a PromQL expression, bare texts of it left out."""
    found = re.findall(rf"({NAME.pattern}|\bup\b|\b(?:kube|kubelet|certmanager|cnpg|barman)_[a-z_]+)(?:\{{([^}}]*)\}})?", expression)
    return [(re.sub(r"_(bucket|count|sum)$", "", name),
             set(re.findall(r"(\w+)\s*[=!]~?\s*\"", matchers))) for name, matchers in found]


def grouped_by(expression):
    return {label.strip() for labels in re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", expression) for label in labels.split(",") if label}
