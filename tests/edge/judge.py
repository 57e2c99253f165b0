"""What an attack may cost those who call, and the services: the figures, and what is wrong with them."""
import dataclasses

P99_MS = 500
GROWN_MB = 64
# What its container may have (deploy/components/edge/edge.yaml).
EDGE_MB = 256
# Of the calls that are due in the time, for silence is no good sign.
AT_LEAST = 0.5
SENT_NOTHING = "the attack sent nothing"


@dataclasses.dataclass
class Figures:
    """Of one attack: `calls` are (milliseconds, code) of the probe, `due` how many it meant to make; `grown_mb` is by how
    much the services' memory was above what it was before all attacks, `watching` whether the watch was told on."""
    attack: str
    calls: list
    due: float
    grown_mb: dict
    edge_mb: float
    watching: bool
    sent: dict

    def failed(self):
        return [code for _, code in self.calls if code != "OK"]

    def quantile(self, part):
        ordered = sorted(ms for ms, _ in self.calls)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("inf")

    def line(self):
        sent = ", ".join(f"{count} {what}" for what, count in self.sent.items())
        return (f"{self.attack:34} {len(self.calls):4} probes, {len(self.failed())} failed, p50 {self.quantile(0.5):.0f} ms, "
                f"p99 {self.quantile(0.99):.0f} ms; services +{max(self.grown_mb.values()):.0f} MB, edge {self.edge_mb:.0f} MB; {sent}")


def problems(figures):
    """Returns what breaks the promise; of a good run nothing."""
    found = []
    if figures.failed():
        found.append(f"{len(figures.failed())} probes failed: {', '.join(sorted(set(figures.failed())))}")
    if len(figures.calls) < AT_LEAST * figures.due:
        found.append(f"{len(figures.calls)} probes were answered of {figures.due:.0f}")
    if figures.quantile(0.99) > P99_MS:
        found.append(f"p99 {figures.quantile(0.99):.0f} ms, more than {P99_MS}")
    for service, grown in figures.grown_mb.items():
        if grown > GROWN_MB:
            found.append(f"{service} grew by {grown:.0f} MB, more than {GROWN_MB}")
    if figures.edge_mb > EDGE_MB:
        found.append(f"the edge took {figures.edge_mb:.0f} MB, more than {EDGE_MB}")
    if not any(figures.sent.get(what) for what in ("frames", "connections")):
        found.append(SENT_NOTHING)
    if not figures.watching:
        found.append("the watch was ended, or told nothing")
    return found
