"""Rules of TLS: who speaks it as whom, and what is told without it."""

import re

import yaml

from register import rule
from view import SERVICES, selected

TRUST_DOMAIN = "xixinting.internal"
# Who has a certificate of the trust domain, and under which name.
IDENTITIES = {**{service: f"services/{service}" for service in SERVICES}, "edge": "edge", "toolbox": "toolbox", "probe": "probe"}
PORTS = {"grpc": 50051, "metrics": 9090, "health": 9091}
PAIR = {"certificate_file", "key_file", "ca_file"}


def configurations(manifests, file):
    """Yields (name, content) of the ConfigMaps that hold this file."""
    for made in manifests.of("ConfigMap"):
        if file in (made.get("data") or {}):
            yield f"ConfigMap/{made['metadata']['name']}", yaml.safe_load(made["data"][file])


@rule
def speaks_tls(manifests):
    """gRPC listens under TLS; what is told in plaintext is health and metrics, each at a port of its own."""
    for workload in manifests.services():
        ports = {port["name"]: port["containerPort"] for container in workload.containers for port in container.get("ports", [])}
        if ports != PORTS:
            yield f"{workload.name} listens at {ports}"
    for name, config in configurations(manifests, "config.yaml"):
        said = {part: int(config[key]["address"].rsplit(":", 1)[1]) for part, key in
                (("grpc", "listen"), ("metrics", "metrics"), ("health", "health"))}
        if said != PORTS:
            yield f"{name} listens at {said}"
        if not PAIR <= set(config.get("tls", {})):
            yield f"{name} does not say by which files TLS is spoken"
        if "plaintext" in config.get("tls", {}):
            yield f"{name} turns TLS off"
    for name, context in configurations(manifests, "context.yaml"):
        if not PAIR <= set(context.get("tls", {})):
            yield f"{name} does not say by which files TLS is spoken"
    set_by_environment = [key for made in manifests.of("ConfigMap") for key in made.get("data") or {}]
    set_by_environment += [one["name"] for workload in manifests.workloads for container in workload.containers
                           for one in container.get("env", [])]
    for key in set_by_environment:
        if re.fullmatch(r"XXT_\w+__TLS__PLAINTEXT", key):
            yield f"{key} turns TLS off"


def lead_to_health(manifests):
    """Yields what leads or lets anybody to the services' port for health."""
    port = ("health", PORTS["health"])
    for made in manifests.of("Service"):
        ports = [one.get("targetPort", one["port"]) for one in made["spec"]["ports"]]
        behind = [workload for workload in manifests.services() if selected({"matchLabels": made["spec"]["selector"]}, workload.labels)]
        if behind and set(ports) & set(port):
            yield f"Service/{made['metadata']['name']}"
    for policy in manifests.of("NetworkPolicy"):
        let_in = [one.get("port", "health") for allowed in policy["spec"].get("ingress", []) for one in allowed.get("ports") or [{}]]
        if set(let_in) & set(port) and any(selected(policy["spec"]["podSelector"], workload.labels) for workload in manifests.services()):
            yield f"NetworkPolicy/{policy['metadata']['name']}"


@rule
def health_is_the_kubelets(manifests):
    """Health's port is plaintext: probes ask there, and nobody else is led or let to it."""
    for workload in manifests.services():
        container = workload.pod["containers"][0]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if container.get(probe, {}).get("grpc", {}).get("port") != PORTS["health"]:
                yield f"{workload.name} {probe} asks elsewhere"
    for name in lead_to_health(manifests):
        yield f"{name} leads to health"


@rule
def identities(manifests):
    """Each has a certificate that says who it is and soon ends, and is given no other one's."""
    given = {made["spec"]["secretName"]: made["spec"] for made in manifests.of("Certificate")}
    for holder, identity in IDENTITIES.items():
        spec = given.get(f"{holder}-tls")
        if spec is None:
            if given:
                yield f"nobody gives {holder} a certificate"
            continue
        if spec.get("uris") != [f"spiffe://{TRUST_DOMAIN}/{identity}"]:
            yield f"Certificate/{holder} says that it is {spec.get('uris')}"
        if set(spec["usages"]) != {"digital signature", "server auth", "client auth"} or not spec.get("dnsNames"):
            yield f"Certificate/{holder} is not for both ends of a connection"
        if spec["privateKey"] != {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"}:
            yield f"Certificate/{holder} keeps its key when it is renewed"
        if int(spec["duration"].rstrip("h")) > 720 or 2 * int(spec["renewBefore"].rstrip("h")) < int(spec["duration"].rstrip("h")):
            yield f"Certificate/{holder} is good for too long, or renewed too late"
    for workload in manifests.workloads:
        held = {volume["secret"]["secretName"] for volume in workload.volumes if "secret" in volume}
        held = {re.sub(r"-tls(-[a-z0-9]{10})?$", "", name) for name in held if re.search(r"-tls(-[a-z0-9]{10})?$", name)}
        wanted = {workload.component} & set(IDENTITIES)
        if held != wanted:
            yield f"{workload.name} has the certificates of {sorted(held)}, not of {sorted(wanted)}"
