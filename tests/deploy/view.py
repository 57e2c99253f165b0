"""A rendering as the rules see it."""

import re

SERVICES = ("intake", "referral", "notification")


class Workload:
    """Something that makes pods."""

    def __init__(self, made):
        self.object = made
        self.name = f"{made['kind']}/{made['metadata']['name']}"
        spec = made["spec"]
        template = (spec["jobTemplate"]["spec"] if made["kind"] == "CronJob" else spec)["template"]
        self.pod = template["spec"]
        self.labels = template["metadata"].get("labels", {})
        self.component = self.labels.get("app.kubernetes.io/component", "")
        self.containers = self.pod.get("initContainers", []) + self.pod["containers"]
        self.volumes = self.pod.get("volumes", [])


class Manifests:
    KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")

    def __init__(self, objects):
        self.objects = objects
        self.workloads = [Workload(made) for made in objects if made["kind"] in self.KINDS]

    def of(self, kind):
        return [made for made in self.objects if made["kind"] == kind]

    def services(self):
        return [workload for workload in self.workloads if workload.component in SERVICES]


def selected(selector, labels):
    """True if a label selector takes what has these labels."""
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for wanted in selector.get("matchExpressions") or []:
        if wanted["operator"] == "In" and labels.get(wanted["key"]) not in wanted["values"]:
            return False
    return True


def quantity(text):
    """Returns a number of processors or bytes."""
    number, unit = re.fullmatch(r"([0-9.]+)(m|[KMGT]i)?", str(text)).groups()
    return float(number) * {None: 1, "m": 0.001, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}[unit]


def named_by_volume(source):
    """Returns [(kind, name, keys)] of what a volume, or a source of a projected one, is made of."""
    found = []
    if "secret" in source:
        secret = source["secret"]
        found.append(("Secret", secret.get("secretName") or secret["name"], secret.get("items", [])))
    if "configMap" in source:
        found.append(("ConfigMap", source["configMap"]["name"], source["configMap"].get("items", [])))
    for part in source.get("projected", {}).get("sources", []):
        found += named_by_volume(part)
    return found
