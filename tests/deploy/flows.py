"""Rules of what network policies must let through: they are simulated as a network enforces them."""

from register import rule
from view import SERVICES, selected

# Who must come to whom: components, and namespaces by "@name". What is not rendered is passed over.
GRPC, METRICS, POSTGRES, REDIS, DNS = ("TCP", 50051), ("TCP", 9090), ("TCP", 5432), ("TCP", 6379), ("UDP", 53)
FLOWS = [
    *((one, other, GRPC) for one in (*SERVICES, "edge", "toolbox", "probe") for other in SERVICES if one != other),
    *((one, other, METRICS) for one in ("toolbox", "probe", "@monitoring") for other in SERVICES),
    *((one, "postgres", POSTGRES) for one in (*SERVICES, "toolbox", "migrations", "restore-drill")),
    *((one, other, REDIS) for one in SERVICES for other in ("redis-proxy", "redis")),
    ("redis-proxy", "redis", REDIS), ("redis", "redis", REDIS), ("redis", "redis", ("TCP", 26379)),
    ("postgres", "postgres", POSTGRES), ("@cnpg-system", "postgres", ("TCP", 8000)), ("@monitoring", "postgres", ("TCP", 9187)),
    ("edge-probe", "edge", ("TCP", 8443)), ("@monitoring", "edge", METRICS),
    *((one, "@kube-system", DNS) for one in (*SERVICES, "edge", "edge-probe", "toolbox", "probe", "migrations", "restore-drill")),
]
# Who must not: a policy that lets everybody through lets these.
CLOSED = [
    *(("@default", other, port) for other in (*SERVICES, "postgres", "redis", "edge", "redis-proxy") for port in (GRPC, POSTGRES, REDIS)),
    *((one, "redis", REDIS) for one in ("edge", "probe", "edge-probe")), ("edge", "postgres", POSTGRES), ("edge-probe", "intake", GRPC),
]


def matches(peers, end):
    """True if an end, (namespace or None for one's own, labels), is among the peers; None are all."""
    space, labels = end
    for peer in peers if peers is not None else [{}]:
        if "ipBlock" in peer:
            continue
        named = "namespaceSelector" in peer
        at_home = selected(peer["namespaceSelector"], {"kubernetes.io/metadata.name": space}) if named else space is None
        if at_home and selected(peer.get("podSelector", {}), labels):
            return True
    return not peers


def lets(manifests, end, other, port, direction):
    """True if the policies of one end let the other come or be gone to."""
    space, labels = end
    part, peers = ("egress", "to") if direction == "Egress" else ("ingress", "from")
    over = [policy["spec"] for policy in manifests.of("NetworkPolicy") if space is None and direction in policy["spec"]["policyTypes"]
            and selected(policy["spec"]["podSelector"], labels)]
    if not over:
        return True
    return any(matches(allowed.get(peers), other) and any(
        (one.get("protocol", "TCP"), one.get("port", port[1])) == port for one in allowed.get("ports") or [{"protocol": port[0]}])
        for spec in over for allowed in spec.get(part) or [])


def ends(manifests, name):
    """Returns the ends that a name of FLOWS stands for."""
    if name.startswith("@"):
        return [(name[1:], {})]
    found = [workload.labels for workload in manifests.workloads if workload.component == name]
    found += [labels for labels in (made["spec"].get("inheritedMetadata", {}).get("labels", {}) for made in manifests.of("Cluster"))
              if labels.get("app.kubernetes.io/component") == name]
    return [(None, labels) for labels in found]


def passes(manifests, flow):
    """Yields whether each pair of ends of a flow gets through."""
    one, other, port = flow
    for source in ends(manifests, one):
        for target in ends(manifests, other):
            yield lets(manifests, source, target, port, "Egress") and lets(manifests, target, source, port, "Ingress")


@rule
def let_through(manifests):
    """Who has to come to somebody does, on both sides; names are found; nobody else comes."""
    proxied = bool(ends(manifests, "redis-proxy"))
    operated = bool(manifests.of("Cluster"))
    for flow in FLOWS:
        if flow[1] == "redis" and proxied == (flow[0] in SERVICES):
            continue  # by way of the proxy, or the one pod that there is
        if flow[1] == "postgres" and not operated and flow[0] in ("@cnpg-system", "@monitoring", "postgres"):
            continue  # one pod that nobody looks after
        if not all(passes(manifests, flow)):
            yield f"{flow[0]} does not get to {flow[1]} at {flow[2][1]}"
    if not any(policy["metadata"]["name"] == "deny-all" for policy in manifests.of("NetworkPolicy")):
        return
    for flow in CLOSED:
        if any(passes(manifests, flow)):
            yield f"{flow[0]} gets to {flow[1]} at {flow[2][1]}"
