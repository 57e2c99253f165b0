#!/usr/bin/python3
"""Compares what the services of a running instance tell with docs/operations/telemetry.md, and asks it what the
dashboard asks.

Usage: tests/observability/page_check.py CONTEXT

CONTEXT is the file of that instance from which `xxt` knows where everything is. Ends with 1 and a line for each fault.
"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

import dashboard
import telemetry
import yaml

# What is told only once there was something to tell: a look every five seconds may miss it. So that panels of it can be
# tried all the same, what it would be.
SELDOM = {
    "xixinting_party_at_rest": ['{party="sms-gateway"}'],
    "xixinting_task_oldest_age_seconds": ['{done_by="machine",kind="case.tell",state="pending"}',
                                          '{done_by="people",kind="case.act",state="pending"}'],
    "xixinting_tasks": ['{done_by="machine",kind="case.tell",state="pending"}', '{done_by="people",kind="case.act",state="pending"}'],
}
# What no service tells but nginx, before them in a cluster: tests/edge reads its page.
OF_THE_EDGE = telemetry.metrics_of_edge()
# The library that serves the page tells of itself, too.
OF_THE_LIBRARY = "exposer_"

Series = collections.namedtuple("Series", "name labels value")


def read_page(text):
    """Returns ({family: type}, [Series]) of a page."""
    types = {name: kind for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE) if not name.startswith(OF_THE_LIBRARY)}
    found = re.findall(r"^([a-z_]+)(\{.*\})? (\S+)$", text, re.MULTILINE)
    return types, [Series(name, labels, value) for name, labels, value in found if not name.startswith(OF_THE_LIBRARY)]


def labels_of(series):
    return dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', series.labels))


def family_of(series, types):
    return series.name if series.name in types else re.sub(r"_(bucket|count|sum)$", "", series.name)


def faults_of_page(service, types, every):
    table = telemetry.metrics_of_page()
    for name, kind in types.items():
        if name not in table:
            yield f"{service}: {name} is not in the table"
        elif table[name].type != kind:
            yield f"{service}: {name} is a {kind}, the table says {table[name].type}"
    for series in every:
        labels = labels_of(series)
        said = table.get(family_of(series, types))
        if said is not None and set(labels) - {"le"} != set(said.labels):
            yield f"{service}: {series.name}{series.labels} has other labels than {said.labels}"
        for label, value in labels.items():
            if not re.fullmatch(r"[A-Za-z0-9_+./-]{1,100}", value) or re.search(r"\d{5}|[0-9a-f]{8}-[0-9a-f]{4}", value):
                yield f"{service}: {series.name}: {label} may be of a person or a thing: {value}"


def faults_of_promtool(service, text):
    """Returns what promtool has against the page, in its own words."""
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, check=False)
    own = [line for line in checked.stdout.splitlines() if not line.startswith(OF_THE_LIBRARY)]
    return [f"{service}: {line}" for line in own]


# As many methods of each service as panels are tried with: promtool takes no more than 10,000 samples at a time.
METHODS = 20


def of_few_methods(every):
    """Returns {series: value} without those of all but some methods of each service."""
    method_of = {name: re.search(r'job="(\w+)".*rpc_method="([^"]*)"', name) for name in every}
    methods = collections.defaultdict(set)
    for found in filter(None, method_of.values()):
        methods[found.group(1)].add(found.group(2))
    few = {(service, method) for service, all_of_it in methods.items() for method in sorted(all_of_it)[:METHODS]}
    return {name: value for name, value in every.items() if method_of[name] is None or method_of[name].groups() in few}


def faults_of_panels(every):
    """Asks what the dashboard asks, over the same figures every minute for half an hour: something must come of each."""
    series = [{"series": name, "values": f"{float(value):f}+0x30"} for name, value in sorted(of_few_methods(every).items())]
    queries = [query for _, query in dashboard.queries()]
    asked = [{"expr": f"count({query}) > bool 0", "eval_time": "30m", "exp_samples": [{"labels": "{}", "value": 1}]} for query in queries]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "panels.yaml")
        file.write_text(yaml.safe_dump({"tests": [{"interval": "1m", "input_series": series, "promql_expr_test": asked}]}))
        tried = subprocess.run(["promtool", "test", "rules", file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               check=False)
    return [] if tried.returncode == 0 else [f"dashboard: {tried.stdout.strip()}"]


def with_job(service, labels):
    return f'{{job="{service}"{"," if labels.strip("{}") else ""}{labels.strip("{}")}}}'


def faults_of(pages):
    """Returns a line for each fault of the pages, {service: text}."""
    faults, told, every = [], set(), {}
    for service, text in pages.items():
        types, series = read_page(text)
        faults += [*faults_of_page(service, types, series), *faults_of_promtool(service, text)]
        told |= set(types)
        every |= {one.name + with_job(service, one.labels): one.value for one in series}
    faults += [f"no service tells {name}" for name in sorted(set(telemetry.metrics_of_page()) - told - set(SELDOM) - set(OF_THE_EDGE))]
    every |= {name + with_job("seldom", labels): 1 for name, of_name in SELDOM.items() for labels in of_name}
    every |= {name + with_job("edge", ""): 1 for name in OF_THE_EDGE}
    return faults + faults_of_panels(every)


def main():
    context = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    pages = {}
    for service, address in context["metrics"].items():
        with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
            pages[service] = answer.read().decode()
    faults = faults_of(pages)
    print("\n".join(faults) or f"{len(pages)} pages are as docs/operations/telemetry.md says, and every panel shows something")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
