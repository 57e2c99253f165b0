"""What manifests name is there: programs, configuration keys and their defaults, ports, probes, paths, roles."""

import os
import re
import unittest

import yaml

import render
import rules
import transport
from render import ROOT, read

# What the other images run.
NOT_OURS = {"sh", "install", "sleep", "redis-server", "haproxy"}
# What a release is compiled without.
IN_TEST_BUILDS = re.compile(r"^#ifdef XXT_TEST_CLOCK\n.*?^#endif\n", re.MULTILINE | re.DOTALL)


def binaries():
    """Returns the programs that are built."""
    lists = [*ROOT.glob("services/*/CMakeLists.txt"), *ROOT.glob("tools/*/CMakeLists.txt")]
    return {name for path in lists for name in re.findall(r"xxt_binary\(\s*NAME (\S+)", path.read_text(encoding="utf-8"))}


def keys_in_code(service):
    """Returns {key: True if it names a file with a secret} of what a release of a service binds."""
    text = IN_TEST_BUILDS.sub("", read("common/config/service_config.h")) + read(f"services/{service}/config.h")
    return {key: kind == "Secret" for kind, key in re.findall(r'binder\.(Field|Secret)\(\s*"([a-z_.]+)"', text)}


def defaults_in_page(service):
    """Returns {key: default} as docs/operations/configuration.md says them of all services, and of this one."""
    page = read("docs/operations/configuration.md")
    sections = {text.split("\n", 1)[0]: text for text in page.split("\n## ")}
    rows = re.findall(r"^\| `([a-z_.]+)` \| ([^|]+) \|", sections["All services"] + sections[service.capitalize()], re.MULTILINE)
    return {key: default.strip().strip("`") for key, default in rows}


def flat(tree, prefix=""):
    found = {}
    for key, value in tree.items():
        found.update(flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: str(value)})
    return found


def shown(text):
    """Returns {key: default} of the comments that show one."""
    return dict(re.findall(r"^# ([a-z_]+(?:\.[a-z_]+)*): (.+)$", text, re.MULTILINE))


def config(service):
    return flat(yaml.safe_load(read(f"deploy/base/{service}/config.yaml")))


class Configuration(unittest.TestCase):
    def test_has_every_key_set_or_its_default_shown(self):
        for service in rules.SERVICES:
            with self.subTest(service):
                given = config(service)
                default = {**shown(read("deploy/base/defaults.yaml")), **shown(read(f"deploy/base/{service}/config.yaml"))}
                self.assertEqual(set(given) & set(default), set())
                self.assertEqual(set(given) | set(default), set(keys_in_code(service)))

    def test_shows_the_defaults_that_the_page_says(self):
        for service in rules.SERVICES:
            page = defaults_in_page(service)
            self.assertEqual(set(page), set(keys_in_code(service)))
            for file in ("defaults.yaml", f"{service}/config.yaml"):
                for key, default in shown(read(f"deploy/base/{file}")).items():
                    self.assertEqual(default, page[key], key)

    def test_of_a_release_has_no_key_that_turns_tls_or_tokens_off(self):
        text = read("common/config/service_config.h")
        self.assertIn('"tls.plaintext"', text)
        self.assertNotIn('"tls.plaintext"', IN_TEST_BUILDS.sub("", text))
        self.assertNotRegex(read("tools/cmake/release.cmake"), r"preset_for_tests|XXT_TEST_CLOCK")

    def test_is_overridden_by_keys_that_are_there(self):
        known = {f"XXT_{service.upper()}__{key.upper().replace('.', '__')}" for service in rules.SERVICES for key in keys_in_code(service)}
        known |= {"XXT_SECRETS"} | set(re.findall(r'envname\("(\w+)"\)', read("tools/xxt/app.cc") + read("tools/xxt-store/app.cc")))
        for combination in render.COMBINATIONS:
            manifests = render.manifests(combination)
            said = {key for made in manifests.of("ConfigMap") for key in made.get("data") or {}}
            said |= {one["name"] for workload in manifests.workloads for container in workload.containers for one in container.get("env", [])}
            self.assertEqual({name for name in said if name.startswith("XXT_")} - known, set())

    def test_that_overlays_set_is_each_services_own(self):
        for combination in render.COMBINATIONS:
            for made in render.manifests(combination).of("ConfigMap"):
                service, _, rest = made["metadata"]["name"].partition("-settings-")
                for key in (made.get("data") or {}) if rest else ():
                    self.assertTrue(key.startswith(f"XXT_{service.upper()}__"), f"{made['metadata']['name']}: {key}")


    def test_of_connections_is_what_the_rules_reckon_with(self):
        self.assertEqual(defaults_in_page("intake")["postgres.connections"], str(rules.DEFAULT_CONNECTIONS))


class Services(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manifests = render.manifests("production")

    def test_listen_where_they_are_asked(self):
        for workload in self.manifests.services():
            container, given = workload.pod["containers"][0], config(workload.component)
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            self.assertEqual(given["listen.address"], f"0.0.0.0:{ports['grpc']}")
            self.assertEqual(given["metrics.address"], f"0.0.0.0:{ports['metrics']}")
            self.assertEqual(given["health.address"], f"0.0.0.0:{ports['health']}")
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                self.assertEqual(container[probe]["grpc"]["port"], ports["health"])

    def test_are_asked_by_names_that_their_health_has(self):
        known = set(re.findall(r'\bSay\("(\w+)"', read("common/rpc/server.cc")))
        asked = {container[probe]["grpc"]["service"] for workload in self.manifests.services()
                 for container in workload.pod["containers"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")}
        self.assertLessEqual(asked, known)

    def test_are_called_by_clients_that_take_turns_and_come_anew(self):
        self.assertIn('SetLoadBalancingPolicyName("round_robin")', read("common/rpc/client.cc"))
        self.assertIn("GRPC_ARG_MAX_CONNECTION_AGE_MS, 30 * 60'000", read("common/rpc/server.cc"))

    def test_find_every_file_that_they_are_told_of(self):
        for workload in self.manifests.services():
            volumes = {volume["name"]: volume for volume in workload.volumes}
            files = {"/run/seal/seal.keys"}  # by the init container
            for mount in workload.pod["containers"][0]["volumeMounts"]:
                for _, _, items in rules.named_by_volume(volumes[mount["name"]]):
                    files |= {f"{mount['mountPath']}/{item['path']}" for item in items}
            told = {value for key, value in config(workload.component).items() if key.endswith("_file")}
            self.assertLessEqual(told, files)
            self.assertIn("/run/postgres-ca/ca.crt", files)

    def test_are_given_the_time_that_a_stop_may_take(self):
        first, more = re.search(r"all tasks: (\d+) s, and (\d+) s more where Redis", read("docs/architecture.md")).groups()
        for workload in self.manifests.services():
            self.assertGreaterEqual(workload.pod["terminationGracePeriodSeconds"], int(first) + int(more))

    def test_have_databases_and_roles_that_are_made(self):
        roles = read("deploy/db/roles.sql")
        for service in rules.SERVICES:
            said = dict(pair.split("=") for pair in config(service)["postgres.dsn"].split())
            self.assertIn(f"GRANT CONNECT ON DATABASE {said['dbname']} TO {said['user']}", roles)

    def test_log_in_to_redis_as_a_user_that_is_made(self):
        users = re.findall(r"^user (\w+) on", read("deploy/components/secrets/make"), re.MULTILINE)
        for service in rules.SERVICES:
            self.assertIn(config(service)["redis.username"], users)


class Programs(unittest.TestCase):
    def every_container(self):
        for combination in render.COMBINATIONS:
            for workload in render.manifests(combination).workloads:
                for container in workload.containers:
                    yield workload, container

    def test_are_built(self):
        for workload, container in self.every_container():
            command = container.get("command", [])
            if command and command[0] not in NOT_OURS:
                self.assertIn(command[0], binaries(), workload.name)

    def test_come_in_images_of_this_version(self):
        version = re.search(r"project\(xixinting VERSION (\S+)", read("CMakeLists.txt")).group(1)
        ours = {container["image"].removeprefix("localhost/") for _, container in self.every_container() if "xixinting/" in container["image"]}
        self.assertEqual(ours, {f"xixinting/{name}:{version}" for name in (*rules.SERVICES, "edge", "toolbox")})

    def test_run_in_the_image_that_has_them(self):
        for workload, container in self.every_container():
            if workload.component in rules.SERVICES and container["name"] == "server":
                self.assertTrue(container["image"].removeprefix("localhost/").startswith(f"xixinting/{workload.component}:"))
                self.assertEqual(container["command"], [f"xxt-{workload.component}"])

    def test_take_the_options_that_they_are_given(self):
        self.assertIn('add_option("--config"', read("common/service/main.cc"))
        self.assertIn('"--wait"', read("tools/xxt/commands.cc"))
        self.assertIn('"-o,--output"', read("tools/xxt/app.cc"))

    def test_find_the_instance_by_their_context(self):
        read_by_xxt = set(re.findall(r'"(\w+)"', read("tools/xxt/context.cc")))
        for file in ("base/context.yaml", "components/probe/context.yaml"):
            context = yaml.safe_load(read(f"deploy/{file}"))
            self.assertLessEqual({*context, *context["tls"]}, read_by_xxt)
            for service in rules.SERVICES:
                self.assertEqual(context["endpoints"][service], f"{service}-pods:50051")
                self.assertEqual(context["metrics"][service], f"http://{service}-pods:9090")

    def test_that_look_at_what_is_stored_find_the_password_of_each_role(self):
        toolbox = next(workload for workload in render.manifests("production").workloads if workload.component == "toolbox")
        said = {one["name"]: one["value"] for one in toolbox.pod["containers"][0]["env"]}
        roles = {"XXT_STORE_PASSWORD_FILE": "xxt_store",
                 **{f"XXT_{service.upper()}__POSTGRES__PASSWORD_FILE": f"xxt_{service}" for service in rules.SERVICES}}
        mount = next(mount["mountPath"] for mount in toolbox.pod["containers"][0]["volumeMounts"] if mount["name"] == "database")
        items = next(volume["secret"]["items"] for volume in toolbox.volumes if volume["name"] == "database")
        self.assertEqual({name: said.get(name) for name in roles},
                         {name: f"{mount}/{item['path']}" for name, role in roles.items() for item in items if item["key"] == role})

    def test_find_the_certificates_that_their_context_names(self):
        for workload in render.manifests("production").workloads:
            if workload.component in ("toolbox", "probe"):
                mount = next(mount for mount in workload.pod["containers"][0]["volumeMounts"] if mount["name"] == "tls")
                volume = next(volume for volume in workload.volumes if volume["name"] == "tls")
                files = {f"{mount['mountPath']}/{item['path']}" for item in volume["secret"]["items"]}
                self.assertEqual(set(yaml.safe_load(read("deploy/base/context.yaml"))["tls"].values()), files)


class Edge(unittest.TestCase):
    conf = read("deploy/components/edge/nginx.conf")
    beside = read("deploy/components/edge/upstreams.conf")

    @classmethod
    def setUpClass(cls):
        cls.manifests = render.manifests("production")
        cls.workload = next(workload for workload in cls.manifests.workloads if workload.component == "edge")

    def test_leads_to_every_service_by_a_name_that_stays(self):
        led = re.findall(r"upstream (\w+) \{\n  server (\S+):(\d+);", self.beside)
        self.assertEqual(led, [(service, f"{service}-grpc", "50051") for service in rules.SERVICES])
        self.assertEqual(set(re.findall(r"xixinting\\\.(\w+)\\\.v1\\\.\[A-Za-z\]\+/\[A-Za-z\]\+\$ (\w+);", self.conf)),
                         {(service, service) for service in rules.SERVICES})
        for service in rules.SERVICES:
            made = next(made["spec"] for made in self.manifests.of("Service") if made["metadata"]["name"] == f"{service}-grpc")
            self.assertNotEqual(made.get("clusterIP"), "None")
            self.assertIn(50051, [port["port"] for port in made["ports"]])

    def test_listens_where_it_is_asked(self):
        ports = {port["name"]: str(port["containerPort"]) for port in self.workload.pod["containers"][0]["ports"]}
        for name, file in (("grpc", "listen.conf"), ("health", "health.conf"), ("metrics", "metrics.conf")):
            self.assertEqual(re.findall(r"^listen (\d+)", read(f"deploy/components/edge/{file}"), re.MULTILINE), [ports[name]])
        for probe in ("readinessProbe", "livenessProbe"):
            self.assertIn(f"location = {self.workload.pod['containers'][0][probe]['httpGet']['path']} {{", self.conf)

    def test_tells_metrics_where_its_files_are_and_to_whom_the_services_do(self):
        root = re.search(r"^root (\S+);$", read("deploy/components/edge/metrics.conf"), re.MULTILINE).group(1)
        mounts = {mount["name"]: mount["mountPath"] for mount in self.workload.pod["containers"][0]["volumeMounts"]}
        self.assertEqual(root, mounts["config"])
        readers = {name: allowed["from"][-1] for name in ("edge", "services") for policy in self.manifests.of("NetworkPolicy")
                   if policy["metadata"]["name"] == name for allowed in policy["spec"]["ingress"] if allowed["ports"][0]["port"] == 9090}
        self.assertEqual(readers["edge"], readers["services"])

    def test_finds_every_file_that_it_names(self):
        volumes = {volume["name"]: volume for volume in self.workload.volumes}
        there = {f"{mount['mountPath']}/{item['path']}" for mount in self.workload.pod["containers"][0]["volumeMounts"]
                 for _, _, items in rules.named_by_volume(volumes[mount["name"]]) for item in items}
        named = {f"/etc/xxt/{path}" for path in re.findall(r" \.\./([\w/.]+);", self.conf)}
        self.assertEqual(named, there)
        given = next(made["data"] for made in self.manifests.of("ConfigMap") if made["metadata"]["name"].startswith("edge-") and "nginx.conf" in made["data"])
        self.assertEqual(set(re.findall(r"include (\S+);", self.conf)) | {"nginx.conf", "start.sh", "metrics"}, set(given))

    def test_waits_longer_than_a_watch_is_silent_and_takes_what_a_service_takes(self):
        heartbeat = int(re.search(r"heartbeat = absl::Seconds\((\d+)\)", read("common/rpc/watch.h")).group(1))
        self.assertGreater(int(re.search(r"grpc_read_timeout (\d+)s;", self.conf).group(1)), 2 * heartbeat)
        self.assertIn("kMaxMessageBytes = 1 << 20;", read("common/rpc/server.cc"))
        self.assertEqual(re.search(r"client_max_body_size (\w+);", self.conf).group(1), "1025k")

    def test_is_given_the_time_that_a_stop_may_take(self):
        self.assertIn("worker_shutdown_timeout 20s;", self.conf)
        self.assertGreater(self.workload.pod["terminationGracePeriodSeconds"], 5 + 20)


    def test_is_looked_at_by_who_may_come_to_it_and_sees_what_it_takes_callers_by(self):
        look = next(workload for workload in self.manifests.workloads if workload.component == "edge-probe")
        _, script, address, clients, _ = look.containers[0]["command"]
        host, port = address.split(":")
        ports = {made["metadata"]["name"]: [one["port"] for one in made["spec"]["ports"]] for made in self.manifests.of("Service")}
        self.assertIn(int(port), ports[host])
        mounts = {mount["name"]: mount["mountPath"] for mount in look.containers[0]["volumeMounts"]}
        self.assertEqual((mounts["config"], mounts["clients"]), (os.path.dirname(script), clients))
        of_edge, of_look = ({item["path"] for volume in workload.volumes if volume.get("secret", {}).get("secretName") == "edge-clients"
                             for item in volume["secret"]["items"]} for workload in (self.workload, look))
        self.assertEqual(of_edge, of_look)
        let_in = [peer["podSelector"] for policy in self.manifests.of("NetworkPolicy") if policy["metadata"]["name"] == "edge"
                  for allowed in policy["spec"]["ingress"] for peer in allowed["from"] if "podSelector" in peer]
        self.assertTrue(any(rules.selected(selector, look.labels) for selector in let_in))


class Monitoring(unittest.TestCase):
    def test_knows_services_by_the_jobs_that_alerts_name(self):
        manifests = render.manifests("production")
        monitor = next(made["spec"] for made in manifests.of("PodMonitor") if made["metadata"]["name"] == "services")
        jobs = {workload.labels[monitor["jobLabel"]] for workload in manifests.workloads if rules.selected(monitor["selector"], workload.labels)}
        named = set(re.findall(r'\bjob="(\w+)"', read("deploy/observability/rules.yaml")))
        self.assertEqual(jobs, named)


class Stores(unittest.TestCase):
    def test_are_of_the_major_that_the_tests_use(self):
        major = re.search(r"postgresql/(\d+)/bin", read("tools/lib/postgres.sh")).group(1)
        said = re.findall(r"(?:image|imageName): \S*postgres(?:ql)?:(\d+)", "".join(
            path.read_text(encoding="utf-8") for path in (ROOT / "deploy/components").rglob("*.yaml")))
        self.assertEqual(set(said), {major})

    def test_of_postgresql_are_set_as_the_page_says(self):
        naptime = re.search(r"`autovacuum_naptime = (\w+)`", read("docs/operations/configuration.md")).group(1)
        self.assertIn(f"autovacuum_naptime: {naptime}", read("deploy/components/postgres-cnpg/cluster.yaml"))
        self.assertIn(f"autovacuum_naptime={naptime}", read("deploy/components/postgres-dev/postgres.yaml"))

    def test_are_asked_for_columns_that_they_have(self):
        backbone = read("common/pg/migrations/20261123000001_backbone.sql")
        task = re.search(r"CREATE TABLE backbone\.machine_task \((.*?)\n\)", backbone, re.DOTALL).group(1)
        for column in ("state", "due", "not_before"):
            self.assertRegex(task, rf"\n  {column} ")
        for state in ("pending", "retry"):
            self.assertIn(f"'{state}'", task)
        self.assertIn("GRANT SELECT ON backbone.seal_key TO xxt_store", backbone)
        self.assertRegex(backbone, r"CREATE TABLE backbone\.seal_key \([^;]*\n  use_time ")

    def test_of_a_drill_are_those_of_the_primary(self):
        drill, primary = (yaml.safe_load(read(f"deploy/components/{name}/cluster.yaml"))["spec"] for name in ("backup", "postgres-cnpg"))
        self.assertEqual(drill["imageName"], primary["imageName"])
        self.assertEqual(drill["storage"], primary["storage"])
        for parameter in drill["postgresql"]["parameters"]:
            self.assertEqual(drill["postgresql"]["parameters"][parameter], primary["postgresql"]["parameters"][parameter])


class Certificates(unittest.TestCase):
    """Those of cert-manager, and those of openssl (tools/lib/certificates.sh)."""

    script = read("tools/lib/certificates.sh")

    def test_are_of_the_trust_domain_that_services_take(self):
        domain = re.search(r"^readonly trust_domain=(\S+)$", self.script, re.MULTILINE).group(1)
        self.assertEqual({domain, transport.TRUST_DOMAIN}, {defaults_in_page("intake")["tls.trust_domain"]})

    def test_are_of_the_same_identities(self):
        said = re.search(r"^readonly identities=\((.*)\)$", self.script, re.MULTILINE).group(1).split()
        self.assertEqual({name.rpartition("/")[2]: name for name in said}, transport.IDENTITIES)

    def test_of_services_are_good_for_the_names_by_which_they_are_called(self):
        given = {made["metadata"]["name"]: made["spec"] for made in render.manifests("production").of("Certificate")}
        services = {made["metadata"]["name"] for made in render.manifests("production").of("Service")}
        for service in rules.SERVICES:
            called = {name for name in services if re.fullmatch(rf"{service}-(pods|grpc)", name)}
            self.assertEqual(set(given[service]["dnsNames"]), called)
            for name in called:
                self.assertIn(f"DNS:$name{name.removeprefix(service)}", self.script)


class Readme(unittest.TestCase):
    texts = [(ROOT / "deploy" / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")]

    def test_lists_every_component_and_no_other(self):
        there = {path.parent.name for path in (ROOT / "deploy/components").glob("*/kustomization.yaml")}
        for text in self.texts:
            self.assertEqual(set(re.findall(r"^\| `([a-z-]+)` \|", section(text, 2), re.MULTILINE)), there)

    def test_lists_every_secret_with_its_keys(self):
        elsewhere = {name: None for kind, name in rules.MADE_ELSEWHERE if kind == "Secret"}
        for text in self.texts:
            said = {name: set(re.findall(r"`([^`]+)`", keys)) for names, keys in
                    re.findall(r"^\| (`[^|]+`) \| ([^|]+) \|", section(text, 3), re.MULTILINE)
                    for name in re.findall(r"`([^`]+)`", names)}
            self.assertEqual({name: keys for name, keys in said.items() if name not in elsewhere}, rules.SECRETS)
            self.assertEqual(set(said) & set(elsewhere), {"backup-store", "edge-clients", "edge-server", "wechat-account"})

    def test_says_what_production_asks_for(self):
        manifests = render.manifests("production")
        cpu = memory = 0
        for workload in manifests.workloads:
            if workload.object["kind"] not in ("Deployment", "StatefulSet"):
                continue
            for container in workload.pod["containers"]:
                cpu += rules.quantity(container["resources"]["requests"]["cpu"]) * workload.object["spec"]["replicas"]
                memory += rules.quantity(container["resources"]["requests"]["memory"]) * workload.object["spec"]["replicas"]
        cluster = next(made["spec"] for made in manifests.of("Cluster") if made["metadata"]["name"] == "postgres")
        cpu += rules.quantity(cluster["resources"]["requests"]["cpu"]) * cluster["instances"]
        memory += rules.quantity(cluster["resources"]["requests"]["memory"]) * cluster["instances"]
        for text in self.texts:
            said = re.search(r"(\d+\.\d) CPU(?: and |、)(\d+\.\d) GiB", section(text, 5)).groups()
            self.assertEqual(said, (f"{cpu:.1f}", f"{memory / 2**30:.1f}"))


def section(text, number):
    return text.split("\n## ")[number]


if __name__ == "__main__":
    unittest.main()
