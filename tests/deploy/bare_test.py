"""What needs nothing but Kubernetes really needs nothing, and docs/operations/bare.md says how it is installed."""

import re
import unittest

import admission
import render
import rules
from render import ROOT, read

BARE = ("dev", "closed")
PAGES = ("docs/operations/bare.md", "docs/operations/bare.zh-CN.md")


class Bare(unittest.TestCase):
    def test_is_made_of_what_kubernetes_serves_by_itself(self):
        for combination in BARE:
            for made in render.manifests(combination).objects:
                self.assertIn(made["kind"], admission.SERVED.get(made["apiVersion"], ()), combination)
                self.assertNotEqual(made.get("spec", {}).get("type"), "LoadBalancer", combination)

    def test_brings_every_secret_itself(self):
        for combination in BARE:
            manifests = render.manifests(combination)
            there = {(made["kind"], made["metadata"]["name"]): made.get("data", {}) for made in manifests.objects}
            for workload in manifests.workloads:
                for source in workload.volumes:
                    for kind, name, items in rules.named_by_volume(source):
                        if not source.get("secret", {}).get("optional"):
                            self.assertLessEqual({item["key"] for item in items}, set(there[kind, name]), workload.name)

    def test_asks_for_no_class_of_storage_and_no_kind_of_node(self):
        for combination in BARE:
            for workload in render.manifests(combination).workloads:
                self.assertEqual({"nodeSelector", "affinity", "tolerations", "priorityClassName", "runtimeClassName"} & set(workload.pod), set())
                for claim in workload.object["spec"].get("volumeClaimTemplates", []):
                    self.assertNotIn("storageClassName", claim["spec"])

    def test_asks_nobody_outside_for_our_images(self):
        for combination in BARE:
            for workload in render.manifests(combination).workloads:
                for container in workload.containers:
                    self.assertTrue("xixinting" not in container["image"] or container["image"].startswith("localhost/"), workload.name)

    def test_pulls_nothing_that_is_there(self):
        for combination in render.COMBINATIONS:
            for workload in render.manifests(combination).workloads:
                for container in workload.containers:
                    self.assertIn(container.get("imagePullPolicy", "IfNotPresent"), {"IfNotPresent"}, workload.name)


class Page(unittest.TestCase):
    manifests = render.manifests("dev")

    def test_names_the_images_the_pods_and_the_space(self):
        images = {container["image"] for workload in self.manifests.workloads for container in workload.containers}
        ours = {image.rsplit("/", 1)[1].split(":")[0] for image in images if "xixinting/" in image}
        for page in PAGES:
            text = read(page)
            self.assertEqual(set(re.search(r"for name in (.*); do", text).group(1).split()), ours)
            for image in images:
                self.assertTrue("xixinting/" in image or f"`{image}`" in text, image)
            for workload in self.manifests.workloads:
                name = workload.object["metadata"]["name"]
                self.assertRegex(text, rf"`{name}(-0)?`", page)
            namespace, = {made["metadata"]["name"] for made in self.manifests.of("Namespace")}
            self.assertEqual(set(re.findall(r"--namespace (xixinting\S*)", text)), {namespace})

    def test_asks_for_as_much_as_the_pods_do_while_services_are_rolled(self):
        cpu = memory = 0
        for workload in self.manifests.workloads:
            number = workload.object["spec"].get("replicas", 1) + (workload.component in rules.SERVICES)
            requests = [container["resources"]["requests"] for container in workload.pod["containers"]]
            cpu += number * sum(rules.quantity(one["cpu"]) for one in requests)
            memory += number * sum(rules.quantity(one["memory"]) for one in requests)
        for page in PAGES:
            said_cpu, said_memory = re.search(r"(\d+\.\d) CPU \S+ (\d+) GiB", read(page)).groups()
            self.assertLessEqual(cpu, float(said_cpu) + 0.05)
            self.assertLessEqual(memory, int(said_memory) * 2**30)

    def test_says_how_long_the_migrations_wait(self):
        script = next(workload for workload in self.manifests.workloads if workload.component == "migrations").containers[0]["args"][0]
        tries, pause = (int(re.search(pattern, script).group(1)) for pattern in (r"seq (\d+)", r"sleep (\d+)"))
        minutes = {"docs/operations/bare.md": rf"every {pause} s for {tries * pause // 60} minutes",
                   "docs/operations/bare.zh-CN.md": rf"每 {pause} 秒问一次，最多 {tries * pause // 60} 分钟"}
        for page, said in minutes.items():
            self.assertRegex(read(page), said)


class Components(unittest.TestCase):
    def test_that_use_what_others_serve_say_who_must_be_there_first(self):
        for folder in (ROOT / "deploy/components").iterdir():
            files = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml"))
            groups = set(re.findall(r"apiVersion: ([^/\n]+)/", files)) & set(admission.INSTALLED)
            for page in ("deploy/README.md", "deploy/README.zh-CN.md"):
                row = re.search(rf"^\| `{folder.name}` \|.*\| (.*) \|$", read(page), re.MULTILINE)
                for group in groups - ({"postgresql.cnpg.io"} if folder.name == "backup" else set()):
                    self.assertIn(admission.INSTALLED[group], row.group(1), f"{page}: {folder.name}")


if __name__ == "__main__":
    unittest.main()
