"""What must hold of every rendering: rules with a name, each a function from Manifests to the problems that it finds.

Usage: /usr/bin/python3 tests/deploy/rules.py FILE...   judges renderings, of one's own overlays, too
"""

import re
import sys

import yaml

import admission
import flows
import network
import transport
from register import RULES, rule
from view import SERVICES, Manifests, named_by_volume, quantity, selected

# Those with rules of their own.
MODULES = (admission, flows, network, transport)
# postgres.connections, where nobody says otherwise.
DEFAULT_CONNECTIONS = 12
# Who may hold a token of the API server.
WITH_TOKEN = {"restore-drill"}
# What others make: operators, cert-manager, Kubernetes, the object store's owner, and the CA of the district's systems.
MADE_ELSEWHERE = {
    ("Secret", "postgres-superuser"), ("Secret", "postgres-ca"), ("Secret", "backup-store"), ("Secret", "edge-server"),
    ("Secret", "edge-clients"), ("Secret", "wechat-account"), ("Secret", "ca-key"), ("ConfigMap", "kube-root-ca.crt"), ("Service", "postgres-rw"),
    ("Service", "restore-drill-rw"),
}
# Where installations keep Secrets otherwise, they have these names.
SECRETS = {
    "database-roles": {"xxt_migrator", "xxt_store", "xxt_intake", "xxt_referral", "xxt_notification"},
    "redis-auth": {"password", "users.acl", "replication.conf", "sentinel.conf"},
    "token-keys": {"jwks.json", "people.yaml", "staff-dev.jwk", "services-intake.jwk", "services-referral.jwk",
                   "services-notification.jwk"},
    "seal-keys": {"seal.keys"},
    "mail-account": {"password"},
    "sms-gateway": {"token"},
    "email-account": {"password"},
    "district-webhook": {"secret"},
    **{f"{holder}-tls": {"tls.crt", "tls.key", "ca.crt"} for holder in transport.IDENTITIES},
}
KNOWN_OF_PODS = {"runAsNonRoot", "runAsUser", "runAsGroup", "fsGroup", "seccompProfile"}
KNOWN_OF_CONTAINERS = {"allowPrivilegeEscalation", "readOnlyRootFilesystem", "capabilities", "privileged", "runAsUser", "runAsNonRoot"}
ALLOWED_VOLUMES = {"configMap", "secret", "emptyDir", "projected", "persistentVolumeClaim", "downwardAPI", "csi", "ephemeral"}


def judge(manifests):
    """Returns {rule: problems} of the rules that do not hold."""
    found = {name: list(function(manifests)) for name, function in RULES.items()}
    return {name: problems for name, problems in found.items() if problems}


@rule
def in_one_namespace(manifests):
    """What says none lands where kubectl happens to be: outside the namespace that is restricted, or where no pod finds it."""
    said = {made["metadata"].get("namespace", "") for made in manifests.objects
            if (made["kind"], made["metadata"]["name"]) != ("Cluster", "restore-drill") and made["kind"] != "Namespace"}
    if len(said) > 1 or "" in said:
        yield f"{', '.join(name or 'no namespace' for name in sorted(said))}: your overlay says no `namespace`"
    for made in manifests.of("Namespace"):
        if made["metadata"]["name"] not in said:
            yield f"Namespace/{made['metadata']['name']} holds nothing"


@rule
def restricted(manifests):
    """The restricted Pod Security Standard, which namespaces enforce: else the API server takes no pod."""
    for made in manifests.of("Namespace"):
        if made["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"Namespace/{made['metadata']['name']} does not enforce it"
    for workload in manifests.workloads:
        pod = workload.pod.get("securityContext", {})
        if more := set(pod) - KNOWN_OF_PODS:
            yield f"{workload.name} asks for {sorted(more)}, which nobody looked at"
        if pod.get("runAsNonRoot") is not True or not pod.get("runAsUser"):
            yield f"{workload.name} may run as root"
        if pod.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{workload.name} has no seccomp profile"
        if any(workload.pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{workload.name} takes what is the host's"
        for volume in workload.volumes:
            if not (set(volume) - {"name"}) <= ALLOWED_VOLUMES:
                yield f"{workload.name} has a volume {volume['name']} that is not allowed"
        for container in workload.containers:
            security = container.get("securityContext", {})
            if more := set(security) - KNOWN_OF_CONTAINERS:
                yield f"{workload.name} {container['name']} asks for {sorted(more)}, which nobody looked at"
            if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
                yield f"{workload.name} {container['name']} may gain privileges"
            if security.get("capabilities", {}) != {"drop": ["ALL"]}:
                yield f"{workload.name} {container['name']} keeps capabilities"
            if security.get("runAsUser") == 0 or security.get("runAsNonRoot") is False:
                yield f"{workload.name} {container['name']} may run as root"


@rule
def read_only_root(manifests):
    """Whoever gets into a container can leave nothing there."""
    for workload in manifests.workloads:
        for container in workload.containers:
            if container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
                yield f"{workload.name} {container['name']} can write to its root"


@rule
def no_token(manifests):
    """No pod can speak to the API server, but for those that must."""
    for workload in manifests.workloads:
        if workload.pod.get("automountServiceAccountToken") is not False:
            yield f"{workload.name} is given a token"
        tokens = [source for volume in workload.volumes for source in volume.get("projected", {}).get("sources", [])
                  if "serviceAccountToken" in source]
        if tokens and workload.component not in WITH_TOKEN:
            yield f"{workload.name} takes a token"
    for made in manifests.of("ServiceAccount"):
        if made.get("automountServiceAccountToken") is not False:
            yield f"ServiceAccount/{made['metadata']['name']} gives tokens away"


@rule
def limited(manifests):
    """Requests and limits everywhere; of processors never less than two: gRPC is told things on two threads."""
    limited = [(f"{workload.name} {container['name']}", container.get("resources", {}))
               for workload in manifests.workloads for container in workload.containers]
    limited += [(f"Cluster/{made['metadata']['name']}", made["spec"].get("resources", {})) for made in manifests.of("Cluster")]
    for name, resources in limited:
        for part in ("requests", "limits"):
            if set(resources.get(part, {})) < {"cpu", "memory"}:
                yield f"{name} has no {part}"
        if quantity(resources.get("limits", {}).get("cpu", 0)) < 2:
            yield f"{name} may have less than two processors"


@rule
def secrets_as_files(manifests):
    """Environments are inherited, dumped and logged."""
    for workload in manifests.workloads:
        for container in workload.containers:
            for variable in container.get("env", []):
                if "secretKeyRef" in variable.get("valueFrom", {}):
                    yield f"{workload.name} {container['name']} has a secret in {variable['name']}"
                if re.search(r"PASSWORD|SECRET|TOKEN", variable["name"]) and not str(variable.get("value", "")).startswith("/run/secrets/"):
                    yield f"{workload.name} {container['name']} says {variable['name']} openly"
            if any("secretRef" in source for source in container.get("envFrom", [])):
                yield f"{workload.name} {container['name']} has a whole Secret in its environment"
        for volume in workload.volumes:
            if "secret" in volume and volume["secret"].get("defaultMode", 0o644) & 0o007 and not volume["secret"].get("optional"):
                yield f"{workload.name} lets everybody read {volume['name']}"


@rule
def images_pinned(manifests):
    """A version that says what it is, or a digest. Registries are an installation's."""
    images = [(workload.name, container["image"]) for workload in manifests.workloads for container in workload.containers]
    images += [(f"Cluster/{made['metadata']['name']}", made["spec"].get("imageName", "")) for made in manifests.of("Cluster")]
    for name, image in images:
        if not re.search(r"(:v?\d+\.\d+(\.\d+)?(-[\w.]+)?|@sha256:[0-9a-f]{64})$", image):
            yield f"{name} takes whatever {image or 'an operator thinks of'} is"


@rule
def spread(manifests):
    """Replicas of one thing stand on different nodes."""
    for workload in manifests.workloads:
        if workload.object["spec"].get("replicas", 1) < 2:
            continue
        over = [found for found in workload.pod.get("topologySpreadConstraints", [])
                if found["topologyKey"] == "kubernetes.io/hostname" and selected(found["labelSelector"], workload.labels)]
        if not any("app.kubernetes.io/component" in found["labelSelector"]["matchLabels"] for found in over):
            yield f"{workload.name} may have all its replicas on one node"
    for made in manifests.of("Cluster"):
        if made["spec"]["instances"] > 1 and made["spec"].get("affinity", {}).get("podAntiAffinityType") != "required":
            yield f"Cluster/{made['metadata']['name']} may have all its instances on one node"


@rule
def available(manifests):
    """A roll takes nothing away before the new one has proved itself; a drain of a node takes one at a time, and always can."""
    budgets = manifests.of("PodDisruptionBudget")
    for budget in budgets:
        if budget["spec"].get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield f"PodDisruptionBudget/{budget['metadata']['name']} holds up drains for pods that are not ready"
        if budget["spec"].get("maxUnavailable") != 1:
            yield f"PodDisruptionBudget/{budget['metadata']['name']} does not let one go"
    for workload in manifests.workloads:
        spec = workload.object["spec"]
        if workload.object["kind"] == "Deployment" and (spec.get("replicas", 1) > 1 or workload.component in SERVICES):
            rolling = spec.get("strategy", {}).get("rollingUpdate", {})
            if rolling.get("maxUnavailable") != 0 or not rolling.get("maxSurge"):
                yield f"{workload.name} is rolled by taking replicas away"
            if not spec.get("minReadySeconds"):
                yield f"{workload.name} is trusted at once"
        if spec.get("replicas", 1) > 1 and not any(selected(budget["spec"]["selector"], workload.labels) for budget in budgets):
            yield f"{workload.name} has no PodDisruptionBudget"


@rule
def probes_apart(manifests):
    """Readiness may depend on stores, liveness and start must not: what waits for PostgreSQL must not be killed."""
    for workload in manifests.services():
        container = workload.pod["containers"][0]
        asked = {name: container.get(f"{name}Probe", {}).get("grpc", {}).get("service") for name in ("startup", "readiness", "liveness")}
        if asked != {"startup": "liveness", "readiness": "readiness", "liveness": "liveness"}:
            yield f"{workload.name} is asked {asked}"
    for workload in manifests.workloads:
        if workload.object["kind"] not in ("Deployment", "StatefulSet") or workload.component == "toolbox":
            continue
        for container in workload.pod["containers"]:
            if "readinessProbe" not in container:
                yield f"{workload.name} {container['name']} is ready at once"


@rule
def stops_in_time(manifests):
    """A service that stops is given the time that it may take (docs/architecture.md): 43 s, and 3 where Redis is silent."""
    for workload in manifests.services():
        if workload.pod.get("terminationGracePeriodSeconds", 30) < 46:
            yield f"{workload.name} is killed while it stops"


@rule
def selectors_fit(manifests):
    """A workload selects its own pods and nobody else's; a Service leads to ports that are there."""
    for workload in manifests.workloads:
        selector = workload.object["spec"].get("selector")
        if not selector:
            continue
        taken = [other.name for other in manifests.workloads if selected(selector, other.labels)]
        if taken != [workload.name]:
            yield f"{workload.name} selects {taken}"
    for service in manifests.of("Service"):
        name = f"Service/{service['metadata']['name']}"
        behind = [workload for workload in manifests.workloads if selected({"matchLabels": service["spec"]["selector"]}, workload.labels)]
        if len(behind) != 1:
            yield f"{name} leads to {[workload.name for workload in behind]}"
        ports = {port["name"] for workload in behind for container in workload.containers for port in container.get("ports", [])}
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in ports:
                yield f"{name} leads to a port {port['targetPort']} that nobody has"


@rule
def nothing_missing(manifests):
    """Every name leads to something, and every key of it is there."""
    there = {(made["kind"], made["metadata"]["name"]): set(made.get("data") or {}) for made in manifests.objects}
    for workload in manifests.workloads:
        named = [found for volume in workload.volumes for found in named_by_volume(volume)]
        named += [("ConfigMap", source["configMapRef"]["name"], []) for container in workload.containers
                  for source in container.get("envFrom", []) if "configMapRef" in source]
        if "serviceAccountName" in workload.pod:
            named.append(("ServiceAccount", workload.pod["serviceAccountName"], []))
        for kind, name, items in named:
            keys = there.get((kind, name), SECRETS.get(name) if kind == "Secret" else None)
            if keys is None and (kind, name) not in MADE_ELSEWHERE:
                yield f"{workload.name} names {kind}/{name}, which is not there"
            for item in items if keys is not None else []:
                if item["key"] not in keys:
                    yield f"{workload.name} takes {item['key']} of {kind}/{name}, which is not there"
        mounted = {mount["name"] for container in workload.containers for mount in container.get("volumeMounts", [])}
        claimed = {claim["metadata"]["name"] for claim in workload.object["spec"].get("volumeClaimTemplates", [])}
        if mounted != {volume["name"] for volume in workload.volumes} | claimed:
            yield f"{workload.name} mounts {sorted(mounted)}, and has {sorted(volume['name'] for volume in workload.volumes)}"
    for route, behind in network.routed(manifests):
        ports = {port["port"] for made in manifests.of("Service") if made["metadata"]["name"] == behind["name"]
                 for port in made["spec"]["ports"]}
        if behind["port"] not in ports:
            yield f"{route} leads to {behind['name']}:{behind['port']}, which is not there"
    yield from missing_of_scalers(manifests, there)
    for scaled in manifests.of("ScaledObject"):
        if ("Deployment", scaled["spec"]["scaleTargetRef"]["name"]) not in there:
            yield f"ScaledObject/{scaled['metadata']['name']} scales {scaled['spec']['scaleTargetRef']['name']}, which is not there"


def missing_of_scalers(manifests, there):
    """Yields what KEDA would look for in vain: as whom to ask, and that one's password."""
    for scaled in manifests.of("ScaledObject"):
        for trigger in scaled["spec"]["triggers"]:
            if ("TriggerAuthentication", trigger["authenticationRef"]["name"]) not in there:
                yield f"ScaledObject/{scaled['metadata']['name']} asks as {trigger['authenticationRef']['name']}, which is not there"
    for made in manifests.of("TriggerAuthentication"):
        for one in made["spec"]["secretTargetRef"]:
            if one["key"] not in there.get(("Secret", one["name"]), SECRETS.get(one["name"], ())):
                yield f"TriggerAuthentication/{made['metadata']['name']} takes {one['key']} of {one['name']}, which is not there"


@rule
def jobs_end(manifests):
    """A job that hangs is ended, and one that has run is cleaned up or followed by a few at most."""
    for workload in manifests.workloads:
        spec = workload.object["spec"]
        if workload.object["kind"] == "CronJob":
            if spec.get("concurrencyPolicy") != "Forbid" or "startingDeadlineSeconds" not in spec:
                yield f"{workload.name} may run beside itself"
            spec = spec["jobTemplate"]["spec"]
        elif workload.object["kind"] == "Job":
            if "ttlSecondsAfterFinished" not in spec:
                yield f"{workload.name} stays for ever"
        else:
            continue
        if "activeDeadlineSeconds" not in spec or "backoffLimit" not in spec:
            yield f"{workload.name} may run for ever"


def connections(manifests, workload):
    """Returns how many a replica may have: its limit, one for health, and two while something late is cancelled."""
    names = [source["configMapRef"]["name"] for source in workload.pod["containers"][0].get("envFrom", []) if "configMapRef" in source]
    said = [(made.get("data") or {}).get(f"XXT_{workload.component.upper()}__POSTGRES__CONNECTIONS")
            for made in manifests.of("ConfigMap") if made["metadata"]["name"] in names]
    return int(next((number for number in said if number), DEFAULT_CONNECTIONS)) + 3


def replicas_at_most(manifests, workload):
    """Returns how many there are while they are rolled."""
    name = workload.object["metadata"]["name"]
    scaled = [made["spec"]["maxReplicaCount"] for made in manifests.of("ScaledObject") if made["spec"]["scaleTargetRef"]["name"] == name]
    return max([workload.object["spec"]["replicas"], *scaled]) + workload.object["spec"]["strategy"]["rollingUpdate"]["maxSurge"]


@rule
def connections_fit(manifests):
    """(postgres.connections + 3) x replicas, while they are rolled, three reserved, ten for tools (docs/operations/configuration.md)."""
    most = [int(made["spec"]["postgresql"]["parameters"]["max_connections"]) for made in manifests.of("Cluster")
            if made["metadata"]["name"] == "postgres"]
    most += [int(argument.split("=")[1]) for workload in manifests.workloads if workload.component == "postgres"
             for argument in workload.containers[0]["args"] if argument.startswith("max_connections=")]
    needed = sum(connections(manifests, workload) * replicas_at_most(manifests, workload) for workload in manifests.services())
    needed += 3 + 10
    for limit in most:
        if needed > limit:
            yield f"{needed} connections are needed, PostgreSQL has {limit}"


@rule
def nothing_lost(manifests):
    """An acknowledged commit is on two machines (decision 0014), and in the object store soon after."""
    for made in manifests.of("Cluster"):
        name, spec = f"Cluster/{made['metadata']['name']}", made["spec"]
        if name == "Cluster/restore-drill":
            continue
        wanted = {"method": "any", "number": 1, "dataDurability": "required"}
        if spec["instances"] < 3 or spec["postgresql"].get("synchronous") != wanted:
            yield f"{name} acknowledges what is on one machine alone, or stops with one standby"
        if not any(plugin.get("isWALArchiver") for plugin in spec.get("plugins", [])) and manifests.of("ScheduledBackup"):
            yield f"{name} archives nothing"


@rule
def drain_is_noticed(manifests):
    """Who goes is taken out of the balance before it refuses calls: drain.probe_period, 5 s."""
    for workload in manifests.services():
        probe = workload.pod["containers"][0].get("readinessProbe", {})
        if probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3) >= 5:
            yield f"{workload.name} stops before readiness was asked"


def main(files):
    bad = False
    for file in files:
        with open(file, encoding="utf-8") as text:
            for name, problems in judge(Manifests([made for made in yaml.safe_load_all(text) if made])).items():
                bad = True
                for problem in problems:
                    print(f"{file}: {name}: {problem}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
