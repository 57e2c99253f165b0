"""What deploy/observability/dashboard.json asks Prometheus."""

import json

import telemetry

FILE = telemetry.ROOT / "deploy/observability/dashboard.json"


def panels():
    """Returns what shows something: not the rows that divide them."""
    return [panel for panel in json.loads(FILE.read_text(encoding="utf-8"))["panels"] if panel["type"] != "row"]


def queries():
    """Returns [(title of the panel, expression)]."""
    return [(panel["title"], target["expr"]) for panel in panels() for target in panel["targets"]]
