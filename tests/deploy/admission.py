"""Rules of what an API server looks at beside the types of fields, and refuses: names, texts, what is said twice, what does not fit
together. Kubernetes' documents of its objects, "validation", have them one by one.
"""

import re

from register import rule
from view import quantity, selected

# What every Kubernetes from 1.29 to 1.33 serves by itself.
SERVED = {
    "v1": {"ConfigMap", "Namespace", "Secret", "Service", "ServiceAccount"},
    "apps/v1": {"Deployment", "StatefulSet"},
    "batch/v1": {"CronJob", "Job"},
    "networking.k8s.io/v1": {"NetworkPolicy"},
    "policy/v1": {"PodDisruptionBudget"},
    "rbac.authorization.k8s.io/v1": {"Role", "RoleBinding"},
}
# Whose all else is: it has to be installed first, and deploy/README.md says so under this name.
INSTALLED = {"barmancloud.cnpg.io": "barman-cloud", "cert-manager.io": "cert-manager", "gateway.networking.k8s.io": "Gateway API",
             "keda.sh": "KEDA", "monitoring.coreos.com": "Prometheus operator", "postgresql.cnpg.io": "CloudNativePG"}
LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
SUBDOMAIN = rf"(?=.{{1,253}}$){LABEL}(\.{LABEL})*"
# What Kubernetes adds to the names of pods must have room beside them, and a pod's name is its host's.
LONGEST = {"CronJob": 52, "Deployment": 46, "StatefulSet": 52, "Job": 57}
VALUE = r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"
KEY = rf"({SUBDOMAIN}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?"
PORT = r"(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*"


def name_of(made):
    return f"{made['kind']}/{made['metadata'].get('name', '')}"


def labelled(manifests):
    """Yields (name, labels) of everything that has some, pods and selectors too."""
    for made in manifests.objects:
        yield name_of(made), made["metadata"].get("labels") or {}
    for workload in manifests.workloads:
        yield workload.name, workload.labels
        yield workload.name, (workload.object["spec"].get("selector") or {}).get("matchLabels") or {}


@rule
def served(manifests):
    """Everything is of a version that Kubernetes serves, or of somebody's who has to be there first."""
    for made in manifests.objects:
        if made["apiVersion"].split("/")[0] not in INSTALLED and made["kind"] not in SERVED.get(made["apiVersion"], ()):
            yield f"{name_of(made)}: nobody serves {made['apiVersion']} {made['kind']}"


@rule
def names_fit(manifests):
    """Of objects, labels, ports, containers and volumes, as long as they may be and of the letters that they may have."""
    for made in manifests.objects:
        name = made["metadata"].get("name", "")
        if not re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?" if made["kind"] == "Service" else SUBDOMAIN, name):
            yield f"{name_of(made)} may not be called that"
        if len(name) > LONGEST.get(made["kind"], 253):
            yield f"{name_of(made)} leaves its pods no name"
        if made["kind"] in ("ConfigMap", "Secret"):
            yield from (f"{name_of(made)} has a key {key}" for key in made.get("data") or {} if not re.fullmatch(r"[-._a-zA-Z0-9]{1,253}", key))
        ports = made["spec"]["ports"] if made["kind"] == "Service" else []
        for port in ports:
            if not re.fullmatch(LABEL, port.get("name", "" if len(ports) > 1 else "x")):
                yield f"{name_of(made)} has a port {port.get('name', 'without a name')}"
    for name, labels in labelled(manifests):
        for key, value in labels.items():
            if not re.fullmatch(KEY, key) or not re.fullmatch(VALUE, str(value)):
                yield f"{name} has a label {key}: {value}"
    for workload in manifests.workloads:
        named = [one["name"] for one in [*workload.containers, *workload.volumes]]
        yield from (f"{workload.name} has a part {name}" for name in named if not re.fullmatch(LABEL, name))
        ports = [port.get("name", "x") for container in workload.containers for port in container.get("ports", [])]
        yield from (f"{workload.name} has a port {port}" for port in ports if not re.fullmatch(PORT, port))


@rule
def texts_are_texts(manifests):
    """YAML makes true, 5432 and 0.1 what they look like; labels, annotations, data and environments are texts."""
    said = [(name, key, value) for name, labels in labelled(manifests) for key, value in labels.items()]
    said += [(name_of(made), key, value) for made in manifests.objects for key, value in (made["metadata"].get("annotations") or {}).items()]
    said += [(name_of(made), key, value) for made in manifests.of("ConfigMap") + manifests.of("Secret")
             for key, value in (made.get("data") or {}).items()]
    said += [(workload.name, one["name"], one["value"]) for workload in manifests.workloads for container in workload.containers
             for one in container.get("env", []) if "value" in one]
    said += [(workload.name, "a command", word) for workload in manifests.workloads for container in workload.containers
             for word in [*container.get("command", []), *container.get("args", [])]]
    for name, key, value in said:
        if not isinstance(value, str):
            yield f"{name} says {key}: {value!r}, which is no text"
    for made in manifests.of("ConfigMap") + manifests.of("Secret"):
        if sum(len(str(value)) for value in (made.get("data") or {}).values()) > 1 << 20:
            yield f"{name_of(made)} is larger than 1 MiB"


def twice(names):
    names = list(names)
    return sorted({str(name) for name in names if names.count(name) > 1})


@rule
def said_once(manifests):
    """Of two with the same name an API server takes one, or neither."""
    everything = [(made["apiVersion"].split("/")[0], name_of(made), made["metadata"].get("namespace")) for made in manifests.objects]
    yield from (f"{one} is there twice" for one in twice(everything))
    for made in manifests.of("Service"):
        for part in ("name", "port"):
            yield from (f"{name_of(made)} has {one} twice" for one in twice(port.get(part) for port in made["spec"]["ports"]))
    for workload in manifests.workloads:
        ports = [port for container in workload.containers for port in container.get("ports", [])]
        lists = [[one["name"] for one in workload.containers], [one["name"] for one in workload.volumes],
                 [port["name"] for port in ports if "name" in port], [port["containerPort"] for port in ports]]
        for container in workload.containers:
            lists.append([one["name"] for one in container.get("env", [])])
            lists.append([one["mountPath"].rstrip("/") for one in container.get("volumeMounts", [])])
        yield from (f"{workload.name} has {one} twice" for names in lists for one in twice(names))


@rule
def probes_reach(manifests):
    """A probe asks at a port that its own container has."""
    for workload in manifests.workloads:
        for container in workload.containers:
            ports = {port for one in container.get("ports", []) for port in (one.get("name"), one["containerPort"])}
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                asked = [how["port"] for how in container.get(probe, {}).values() if isinstance(how, dict) and "port" in how]
                yield from (f"{workload.name} {container['name']} has no port {port}" for port in asked if port not in ports)


@rule
def limits_cover(manifests):
    """Who asks for more than it may have is refused, and quotas and LimitRanges look at both."""
    for workload in manifests.workloads:
        for container in workload.containers:
            resources = container.get("resources", {})
            for what, asked in resources.get("requests", {}).items():
                if quantity(asked) > quantity(resources.get("limits", {}).get(what, asked)):
                    yield f"{workload.name} {container['name']} asks for more {what} than it may have"


@rule
def budgets_fit(manifests):
    """A pod that two budgets take cannot be evicted, and a budget of nobody's pods keeps nothing."""
    for budget in manifests.of("PodDisruptionBudget"):
        taken = [workload.name for workload in manifests.workloads if selected(budget["spec"]["selector"], workload.labels)]
        if len(taken) != 1:
            yield f"{name_of(budget)} takes {taken}"
    for workload in manifests.workloads:
        over = [name_of(budget) for budget in manifests.of("PodDisruptionBudget") if selected(budget["spec"]["selector"], workload.labels)]
        if len(over) > 1:
            yield f"{workload.name} is kept by {over}"


@rule
def services_fit(manifests):
    """Only who is open to the outside says how callers' addresses get through; only a headless one goes without an address."""
    for made in manifests.of("Service"):
        spec = made["spec"]
        if "externalTrafficPolicy" in spec and spec.get("type", "ClusterIP") == "ClusterIP":
            yield f"{name_of(made)} is inside, and says how those outside come"
        if spec.get("clusterIP", "None") != "None":
            yield f"{name_of(made)} takes an address, which may be another's"
        if spec.get("clusterIP") == "None" and any(port["targetPort"] not in (port["port"], port["name"]) for port in spec["ports"]):
            yield f"{name_of(made)} is headless, and leads to another port than it says"


@rule
def peers_fit(manifests):
    """A peer is an address or pods, a port a number, for its name is each pod's own; a policy says only what it is of."""
    for made in manifests.of("NetworkPolicy"):
        sides = [(allowed, peers) for side, peers in (("ingress", "from"), ("egress", "to")) for allowed in made["spec"].get(side, [])]
        for allowed, peers in sides:
            yield from (f"{name_of(made)} means an address and pods at once" for peer in allowed.get(peers) or []
                        if "ipBlock" in peer and len(peer) > 1)
            yield from (f"{name_of(made)} has a port {port['port']} by name, which a pod may call otherwise"
                        for port in allowed.get("ports") or [] if not isinstance(port.get("port", 0), int))
        wanted = {side.capitalize() for side in ("ingress", "egress") if side in made["spec"]}
        if not wanted <= set(made["spec"].get("policyTypes", [])):
            yield f"{name_of(made)} says what it is not of: {sorted(wanted)}"


@rule
def restarts_fit(manifests):
    """Pods of jobs end, all others go on; who is recreated is not rolled."""
    for workload in manifests.workloads:
        policy = workload.pod.get("restartPolicy", "Always")
        if (policy != "Always") != (workload.object["kind"] in ("Job", "CronJob")):
            yield f"{workload.name} restarts {policy}"
        if (workload.object["spec"].get("strategy") or {}).keys() >= {"rollingUpdate"} and workload.object["spec"]["strategy"]["type"] == "Recreate":
            yield f"{workload.name} is recreated, and rolled"


@rule
def rights_are_somebodys(manifests):
    """A binding names a role and an account that are there, of this namespace."""
    there = {(made["kind"], made["metadata"]["name"], made["metadata"].get("namespace")) for made in manifests.objects}
    for made in manifests.of("RoleBinding"):
        space = made["metadata"].get("namespace")
        for one in [made["roleRef"] | {"namespace": space}, *made["subjects"]]:
            if (one["kind"], one["name"], one.get("namespace")) not in there:
                yield f"{name_of(made)} names {one['kind']}/{one['name']} in {one.get('namespace')}, which is not there"
