"""Every object has the fields that its kind has, of their types, and no other: the compiler of TypeScript says so.

An unknown field is what an API server drops, or refuses when it is asked to be strict.
"""

import json
import pathlib
import subprocess
import tempfile
import unittest

import render

MODULES = render.ROOT / "tools/node_modules"
# Where the types of an API group are.
PACKAGES = {
    "cert-manager.io": "@kubernetes-models/cert-manager",
    "gateway.networking.k8s.io": "@kubernetes-models/gateway-api",
    "keda.sh": "@kubernetes-models/keda",
    "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
    "postgresql.cnpg.io": "@kubernetes-models/cloudnative-pg",
}
# Of the backup plugin nobody has published any: its own documents were read instead.
UNTYPED = {"barmancloud.cnpg.io"}


def group_of(made):
    return made["apiVersion"].rpartition("/")[0]


def statement(number, made):
    """Returns the line that gives an object to a variable of its kind."""
    package = PACKAGES.get(group_of(made), "kubernetes-models")
    kind = f'import("{package}/{made["apiVersion"]}/{made["kind"]}").I{made["kind"]}'
    return f"export const v{number}: {kind} = {json.dumps(made, ensure_ascii=False)};"


def doctored(objects):
    """Yields objects with a fault each, which must be refused."""
    for kind, change in (
        ("Deployment", lambda spec: spec["template"]["spec"].update(terminationGracePeriod=60)),
        ("Deployment", lambda spec: spec["template"]["spec"]["containers"][0].update(image=5)),
        ("Deployment", lambda spec: spec.pop("selector")),
        ("NetworkPolicy", lambda spec: spec.update(egres=[])),
        ("CronJob", lambda spec: spec.update(concurrencyPolicy="Never")),
        ("TLSRoute", lambda spec: spec.update(hostname="x")),
        ("Certificate", lambda spec: spec.update(renewBefor="1h")),
        ("PodMonitor", lambda spec: spec.update(podMetricsEndpoint=[])),
        ("Cluster", lambda spec: spec["postgresql"]["synchronous"].update(methods="any")),
        ("ScaledObject", lambda spec: spec.update(maxReplicas=3)),
    ):
        made = json.loads(json.dumps(next(one for one in objects if one["kind"] == kind)))
        change(made["spec"])
        yield made


def compile_all(lines):
    """Returns what tsc says of these lines."""
    with tempfile.TemporaryDirectory(prefix="xixinting-types.") as folder:
        folder = pathlib.Path(folder)
        (folder / "node_modules").symlink_to(MODULES)
        (folder / "objects.ts").write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = ["node", MODULES / "typescript/bin/tsc", "--strict", "--noEmit", "--skipLibCheck", "--target", "es2022",
                   "--module", "nodenext", "--moduleResolution", "nodenext", "objects.ts"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout


class Types(unittest.TestCase):
    def test_are_those_of_the_kinds_and_faults_are_refused(self):
        lines, number = [], 0
        for combination in ("everything", "closed"):
            objects = [made for made in render.objects(render.rendered(combination)) if group_of(made) not in UNTYPED]
            for made in objects:
                lines.append(statement(number, made))
                number += 1
            if combination == "everything":
                for made in doctored(objects):
                    lines += ["// @ts-expect-error", statement(number, made)]
                    number += 1
        self.assertEqual(compile_all(lines), "")


if __name__ == "__main__":
    unittest.main()
