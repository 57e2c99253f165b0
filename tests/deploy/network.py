"""Rules of the network: who comes to whom, and that nobody comes past the edge."""

import yaml

from register import rule
from view import selected


@rule
def egress_closed(manifests):
    """Nothing leaves but to what is named."""
    for policy in manifests.of("NetworkPolicy"):
        name = f"NetworkPolicy/{policy['metadata']['name']}"
        for direction, peers in (("egress", "to"), ("ingress", "from")):
            for allowed in policy["spec"].get(direction, []):
                if not allowed.get(peers) or not allowed.get("ports"):
                    yield f"{name} allows any {direction}"
                for peer in allowed.get(peers) or []:
                    if "ipBlock" in peer and int(peer["ipBlock"]["cidr"].rsplit("/", 1)[1]) < 16:
                        yield f"{name} allows half the world"
                    if peer.get("namespaceSelector") == {}:
                        yield f"{name} allows every namespace"


@rule
def denied_by_default(manifests):
    """Where there are policies of the services, all that they do not name is denied."""
    policies = manifests.of("NetworkPolicy")
    if not any(policy["metadata"]["name"] == "use-services" for policy in policies):
        return
    closed = [policy for policy in policies if policy["spec"]["podSelector"] == {} and not policy["spec"].get("egress")
              and not policy["spec"].get("ingress") and set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}]
    if not closed:
        yield "no policy denies the rest"


@rule
def policies_take_somebody(manifests):
    """A policy or a monitor whose labels nobody has protects and sees nothing."""
    pods = [workload.labels for workload in manifests.workloads]
    pods += [made["spec"].get("inheritedMetadata", {}).get("labels", {}) for made in manifests.of("Cluster")]
    for made in manifests.of("NetworkPolicy") + manifests.of("PodMonitor"):
        selector = made["spec"]["podSelector" if made["kind"] == "NetworkPolicy" else "selector"]
        if not any(selected(selector, labels) for labels in pods):
            yield f"{made['kind']}/{made['metadata']['name']} takes nobody"


def routed(manifests):
    """Yields (route, what it leads to)."""
    for made in manifests.objects:
        if made["kind"].endswith("Route"):
            for one in made["spec"]["rules"]:
                for behind in one["backendRefs"]:
                    yield f"{made['kind']}/{made['metadata']['name']}", behind


@rule
def outside_meets_the_edge_alone(manifests):
    """Debian's gRPC 1.51 must never face an untrusted network by itself: one connection takes all its memory (tests/edge)."""
    led_to = {made["metadata"]["name"]: made["spec"].get("selector") or {} for made in manifests.of("Service")}
    for name, selector in led_to.items():
        made = next(made["spec"] for made in manifests.of("Service") if made["metadata"]["name"] == name)
        if (made.get("type") in ("NodePort", "LoadBalancer") or made.get("externalIPs")) and not is_edge(selector):
            yield f"Service/{name} is open to the outside"
    for route, behind in routed(manifests):
        if not is_edge(led_to.get(behind["name"], {})) or behind.get("namespace"):
            yield f"{route} leads past the edge, to {behind['name']}"
    for made in manifests.of("Ingress"):
        yield f"Ingress/{made['metadata']['name']} ends HTTP/2 elsewhere than at the edge"
    for workload in manifests.workloads:
        if any("hostPort" in port for container in workload.containers for port in container.get("ports", [])):
            yield f"{workload.name} listens on its node"
    yield from let_in_past_the_edge(manifests)


def is_edge(labels):
    return labels.get("app.kubernetes.io/component") == "edge"


def let_in_past_the_edge(manifests):
    """Yields what network policies let others than pods of this namespace come to a service's gRPC."""
    served = [workload.labels for workload in manifests.workloads if workload.labels.get("xixinting/serves") == "grpc"]
    if any(is_edge(workload.labels) for workload in manifests.workloads) and not any(
            policy["metadata"]["name"] == "deny-all" for policy in manifests.of("NetworkPolicy")):
        yield "there is an edge, and nothing that keeps anybody from going past it"
    for policy in manifests.of("NetworkPolicy"):
        if not any(selected(policy["spec"]["podSelector"], labels) for labels in served):
            continue
        for allowed in policy["spec"].get("ingress", []):
            if all(port.get("port") == 9090 for port in allowed.get("ports") or [{}]):
                continue
            for peer in allowed.get("from") or [{}]:
                if set(peer) != {"podSelector"}:
                    yield f"NetworkPolicy/{policy['metadata']['name']} lets {peer or 'anybody'} come to the services' gRPC"


@rule
def found_by_all_addresses(manifests):
    """gRPC clients take turns among the addresses of a name: each service has a headless Service, and peers name it."""
    headless = {made["metadata"]["name"] for made in manifests.of("Service") if made["spec"].get("clusterIP") == "None"}
    for workload in manifests.services():
        if f"{workload.component}-pods" not in headless:
            yield f"{workload.name} is behind one address"
    for made in manifests.of("ConfigMap"):
        config = yaml.safe_load((made.get("data") or {}).get("config.yaml", "")) or {}
        for peer in config.get("peers", {}).values():
            if peer.split(":")[0] not in headless:
                yield f"ConfigMap/{made['metadata']['name']} calls {peer}"
