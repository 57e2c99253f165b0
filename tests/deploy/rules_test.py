"""Each rule refuses manifests that were doctored, and nothing that was not."""

import copy
import pathlib
import unittest

import render
import rules

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "deploy/tests/golden"


def find(objects, kind, name):
    return next(made for made in objects if made["kind"] == kind and made["metadata"]["name"] == name)


def pod(objects, kind="Deployment", name="intake-server"):
    spec = find(objects, kind, name)["spec"]
    return (spec["jobTemplate"]["spec"] if kind == "CronJob" else spec)["template"]["spec"]


def server(objects):
    return pod(objects)["containers"][0]


def put(where, key, value):
    where[key] = value


def configuration(objects, said, instead):
    """Puts other words into the configuration of intake."""
    made = next(made for made in objects if made["metadata"]["name"].startswith("intake-config-"))
    assert said in made["data"]["config.yaml"]
    made["data"]["config.yaml"] = made["data"]["config.yaml"].replace(said, instead)


def route_to(service, port):
    return {"kind": "GRPCRoute", "metadata": {"name": "x"}, "spec": {"rules": [{"backendRefs": [{"name": service, "port": port}]}]}}


def scaler(what, authentication):
    return {"kind": "ScaledObject", "metadata": {"name": "x"}, "spec": {
        "scaleTargetRef": {"name": what}, "triggers": [{"authenticationRef": {"name": authentication}}]}}


def doctored():
    """Yields (rule, what was done, function that does it to production)."""
    yield ("in_one_namespace", "something says none", lambda o: find(o, "Service", "edge")["metadata"].pop("namespace"))
    yield ("in_one_namespace", "nothing says one", lambda o: [made["metadata"].pop("namespace", None) for made in o])
    yield ("in_one_namespace", "another is made", lambda o: put(find(o, "Namespace", "xixinting")["metadata"], "name", "x"))
    # What may be done to any pod.
    yield ("restricted", "runs as root", lambda o: put(pod(o)["securityContext"], "runAsNonRoot", False))
    yield ("restricted", "no user", lambda o: pod(o)["securityContext"].pop("runAsUser"))
    yield ("restricted", "no seccomp", lambda o: pod(o)["securityContext"].pop("seccompProfile"))
    yield ("restricted", "host network", lambda o: put(pod(o), "hostNetwork", True))
    yield ("restricted", "host path", lambda o: pod(o)["volumes"].append({"name": "x", "hostPath": {"path": "/"}}))
    yield ("restricted", "gains privileges", lambda o: server(o)["securityContext"].pop("allowPrivilegeEscalation"))
    yield ("restricted", "keeps capabilities", lambda o: server(o)["securityContext"].pop("capabilities"))
    yield ("restricted", "adds capabilities", lambda o: put(server(o)["securityContext"]["capabilities"], "add", ["NET_RAW"]))
    yield ("restricted", "an unmasked /proc", lambda o: put(server(o)["securityContext"], "procMount", "Unmasked"))
    yield ("restricted", "a setting of the kernel", lambda o: put(pod(o)["securityContext"], "sysctls", [{"name": "x", "value": "1"}]))
    yield ("restricted", "root in one container", lambda o: put(server(o)["securityContext"], "runAsUser", 0))
    yield ("restricted", "no init container is passed over",
              lambda o: pod(o)["initContainers"][0].pop("securityContext"))
    yield ("restricted", "nor a CronJob's pod", lambda o: pod(o, "CronJob", "probe").pop("securityContext"))
    yield ("restricted", "namespace enforces nothing", lambda o: find(o, "Namespace", "xixinting")["metadata"].pop("labels"))
    yield ("read_only_root", "writable", lambda o: put(server(o)["securityContext"], "readOnlyRootFilesystem", False))
    yield ("no_token", "mounted", lambda o: pod(o).pop("automountServiceAccountToken"))
    yield ("no_token", "projected", lambda o: pod(o)["volumes"].append(
        {"name": "x", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}))
    yield ("no_token", "given by the account", lambda o: find(o, "ServiceAccount", "intake-server").pop("automountServiceAccountToken"))
    yield ("limited", "no limit", lambda o: server(o)["resources"]["limits"].pop("memory"))
    yield ("limited", "no request", lambda o: server(o)["resources"].pop("requests"))
    yield ("limited", "one processor", lambda o: put(server(o)["resources"]["limits"], "cpu", "1900m"))
    yield ("limited", "PostgreSQL, too", lambda o: find(o, "Cluster", "postgres")["spec"].pop("resources"))
    yield ("secrets_as_files", "in the environment", lambda o: server(o).setdefault("env", []).append(
        {"name": "X", "valueFrom": {"secretKeyRef": {"name": "redis-auth", "key": "password"}}}))
    yield ("secrets_as_files", "spelled out", lambda o: server(o).setdefault("env", []).append({"name": "PGPASSWORD", "value": "x"}))
    yield ("secrets_as_files", "all of a Secret", lambda o: server(o)["envFrom"].append({"secretRef": {"name": "redis-auth"}}))
    yield ("secrets_as_files", "for everybody", lambda o: next(
        volume for volume in pod(o)["volumes"] if volume["name"] == "redis")["secret"].pop("defaultMode"))
    yield ("images_pinned", "latest", lambda o: put(server(o), "image", "xixinting/intake:latest"))
    yield ("images_pinned", "no tag", lambda o: put(server(o), "image", "xixinting/intake"))
    yield ("images_pinned", "the drill's", lambda o: put(find(o, "Cluster", "restore-drill")["spec"], "imageName", "x:latest"))
    yield ("images_pinned", "PostgreSQL's", lambda o: find(o, "Cluster", "postgres")["spec"].pop("imageName"))
    yield ("spread", "not at all", lambda o: pod(o).pop("topologySpreadConstraints"))
    yield ("spread", "among all services", lambda o: pod(o)["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"].pop(
        "app.kubernetes.io/component"))
    yield ("spread", "instances together", lambda o: find(o, "Cluster", "postgres")["spec"].pop("affinity"))
    yield ("available", "rolls by taking away", lambda o: put(
        find(o, "Deployment", "intake-server")["spec"]["strategy"]["rollingUpdate"], "maxUnavailable", 1))
    yield ("available", "trusted at once", lambda o: find(o, "Deployment", "intake-server")["spec"].pop("minReadySeconds"))
    yield ("available", "no budget", lambda o: o.remove(find(o, "PodDisruptionBudget", "intake-server")))
    yield ("available", "budget holds up drains", lambda o: find(o, "PodDisruptionBudget", "intake-server")["spec"].pop(
        "unhealthyPodEvictionPolicy"))
    yield ("available", "budget lets none go", lambda o: put(
        find(o, "PodDisruptionBudget", "intake-server")["spec"], "maxUnavailable", 0))
    yield ("probes_apart", "liveness asks the stores", lambda o: put(server(o)["livenessProbe"]["grpc"], "service", "readiness"))
    yield ("probes_apart", "no start", lambda o: server(o).pop("startupProbe"))
    yield ("probes_apart", "Redis is ready at once", lambda o: pod(o, "StatefulSet", "redis")["containers"][0].pop("readinessProbe"))
    yield ("stops_in_time", "killed", lambda o: put(pod(o), "terminationGracePeriodSeconds", 45))
    yield ("stops_in_time", "Kubernetes' own time", lambda o: pod(o).pop("terminationGracePeriodSeconds"))
    yield ("egress_closed", "to anybody", lambda o: find(o, "NetworkPolicy", "use-redis")["spec"]["egress"].append({}))
    yield ("egress_closed", "any port", lambda o: find(o, "NetworkPolicy", "use-redis")["spec"]["egress"][0].pop("ports"))
    yield ("egress_closed", "the world", lambda o: put(
        find(o, "NetworkPolicy", "sms")["spec"]["egress"][0]["to"][0]["ipBlock"], "cidr", "0.0.0.0/0"))
    yield ("egress_closed", "every namespace", lambda o: find(o, "NetworkPolicy", "services")["spec"]["ingress"][0]["from"].append(
        {"namespaceSelector": {}}))
    yield ("denied_by_default", "nothing denied", lambda o: o.remove(find(o, "NetworkPolicy", "deny-all")))
    yield ("denied_by_default", "one direction", lambda o: put(
        find(o, "NetworkPolicy", "deny-all")["spec"], "policyTypes", ["Ingress"]))
    yield ("policies_take_somebody", "a label nobody has", lambda o: put(
        find(o, "NetworkPolicy", "mail")["spec"]["podSelector"]["matchLabels"], "app.kubernetes.io/component", "mailer"))
    yield ("policies_take_somebody", "a monitor of nobody", lambda o: put(
        find(o, "PodMonitor", "services")["spec"]["selector"], "matchLabels", {"x": "y"}))
    yield ("selectors_fit", "takes others", lambda o: find(o, "Deployment", "intake-server")["spec"]["selector"]["matchLabels"].pop(
        "app.kubernetes.io/component"))
    yield ("selectors_fit", "leads to all", lambda o: find(o, "Service", "intake-grpc")["spec"]["selector"].pop(
        "app.kubernetes.io/component"))
    yield ("selectors_fit", "no such port", lambda o: put(find(o, "Service", "intake-grpc")["spec"]["ports"][0], "targetPort", "http"))
    yield ("nothing_missing", "no ConfigMap", lambda o: o.remove(next(
        made for made in o if made["metadata"]["name"].startswith("intake-config-"))))
    yield ("nothing_missing", "no such key", lambda o: put(next(
        volume for volume in pod(o)["volumes"] if volume["name"] == "redis")["secret"]["items"][0], "key", "pass"))
    yield ("nothing_missing", "no such Secret", lambda o: put(next(
        volume for volume in pod(o)["volumes"] if volume["name"] == "seal-keys")["secret"], "secretName", "keys"))
    yield ("nothing_missing", "no account", lambda o: o.remove(find(o, "ServiceAccount", "intake-server")))
    yield ("nothing_missing", "a volume for nobody", lambda o: pod(o)["volumes"].append({"name": "x", "emptyDir": {}}))
    yield ("nothing_missing", "nobody to scale", lambda o: o.append(scaler("nobody", "x")))
    yield ("nothing_missing", "nobody to scale as", lambda o: o.append(scaler("edge", "x")))
    yield ("nothing_missing", "a password that is not there", lambda o: o.append({
        "kind": "TriggerAuthentication", "metadata": {"name": "x"}, "spec": {"secretTargetRef": [{"name": "database-roles", "key": "xxt_edge"}]}}))
    yield ("nothing_missing", "a route to nowhere", lambda o: o.append(route_to("edge", 444)))
    yield ("jobs_end", "never", lambda o: find(o, "Job", "migrations")["spec"].pop("activeDeadlineSeconds"))
    yield ("jobs_end", "stays", lambda o: find(o, "Job", "migrations")["spec"].pop("ttlSecondsAfterFinished"))
    yield ("jobs_end", "twice", lambda o: find(o, "CronJob", "probe")["spec"].pop("concurrencyPolicy"))
    yield ("connections_fit", "too few", lambda o: put(
        find(o, "Cluster", "postgres")["spec"]["postgresql"]["parameters"], "max_connections", "100"))
    yield ("connections_fit", "too many of a replica", lambda o: next(
        made for made in o if made["metadata"]["name"].startswith("intake-settings-"))["data"].update(XXT_INTAKE__POSTGRES__CONNECTIONS="60"))
    yield ("connections_fit", "too many replicas", lambda o: put(find(o, "Deployment", "intake-server")["spec"], "replicas", 7))
    yield ("nothing_lost", "asynchronous", lambda o: find(o, "Cluster", "postgres")["spec"]["postgresql"].pop("synchronous"))
    yield ("nothing_lost", "one standby", lambda o: put(find(o, "Cluster", "postgres")["spec"], "instances", 2))
    yield ("nothing_lost", "archives nothing", lambda o: find(o, "Cluster", "postgres")["spec"].pop("plugins"))
    yield ("speaks_tls", "gRPC elsewhere", lambda o: put(server(o)["ports"][0], "containerPort", 50052))
    yield ("speaks_tls", "health beside gRPC", lambda o: configuration(o, "health: {address: \"0.0.0.0:9091\"}",
                                                                     "health: {address: \"0.0.0.0:50051\"}"))
    yield ("speaks_tls", "no key", lambda o: configuration(o, "key_file: /etc/xxt/tls/tls.key, ", ""))
    yield ("speaks_tls", "turned off", lambda o: configuration(o, "tls: {", "tls: {plaintext: true, "))
    yield ("speaks_tls", "turned off by the environment", lambda o: next(
        made for made in o if made["metadata"]["name"].startswith("intake-settings-"))["data"].update(XXT_INTAKE__TLS__PLAINTEXT="true"))
    yield ("speaks_tls", "turned off in a container", lambda o: server(o).setdefault("env", []).append(
        {"name": "XXT_INTAKE__TLS__PLAINTEXT", "value": "true"}))
    yield ("speaks_tls", "a context without", lambda o: next(
        made for made in o if made["metadata"]["name"].startswith("probe-context-"))["data"].update({"context.yaml": "endpoints: {}"}))
    yield ("health_is_the_kubelets", "probes ask gRPC", lambda o: put(server(o)["livenessProbe"]["grpc"], "port", 50051))
    yield ("health_is_the_kubelets", "a Service", lambda o: find(o, "Service", "intake-pods")["spec"]["ports"].append(
        {"name": "health", "port": 9091, "targetPort": "health"}))
    yield ("health_is_the_kubelets", "let in", lambda o: find(o, "NetworkPolicy", "services")["spec"]["ingress"][1]["ports"].append(
        {"protocol": "TCP", "port": 9091}))
    yield ("health_is_the_kubelets", "let in to all", lambda o: find(o, "NetworkPolicy", "services")["spec"]["ingress"][1].pop("ports"))
    yield ("identities", "of nobody", lambda o: o.remove(find(o, "Certificate", "referral")))
    yield ("identities", "of another", lambda o: put(
        find(o, "Certificate", "referral")["spec"], "uris", ["spiffe://xixinting.internal/services/intake"]))
    yield ("identities", "of two", lambda o: find(o, "Certificate", "probe")["spec"]["uris"].append("spiffe://xixinting.internal/edge"))
    yield ("identities", "for one end", lambda o: find(o, "Certificate", "intake")["spec"]["usages"].remove("client auth"))
    yield ("identities", "with the same key for ever", lambda o: find(o, "Certificate", "intake")["spec"]["privateKey"].pop("rotationPolicy"))
    yield ("identities", "for a year", lambda o: put(find(o, "Certificate", "toolbox")["spec"], "duration", "8760h"))
    yield ("identities", "renewed on the last day", lambda o: put(find(o, "Certificate", "toolbox")["spec"], "renewBefore", "24h"))
    yield ("identities", "another one's", lambda o: put(next(
        volume for volume in pod(o, "CronJob", "probe")["volumes"] if volume["name"] == "tls")["secret"], "secretName", "toolbox-tls"))
    yield ("identities", "none", lambda o: pod(o)["volumes"].remove(next(
        volume for volume in pod(o)["volumes"] if volume["name"] == "tls")))
    yield ("outside_meets_the_edge_alone", "a service's port for everybody", lambda o: put(
        find(o, "Service", "intake-grpc")["spec"], "type", "LoadBalancer"))
    yield ("outside_meets_the_edge_alone", "on every node", lambda o: put(find(o, "Service", "referral-grpc")["spec"], "type", "NodePort"))
    yield ("outside_meets_the_edge_alone", "by an address", lambda o: put(
        find(o, "Service", "intake-pods")["spec"], "externalIPs", ["192.0.2.1"]))
    yield ("outside_meets_the_edge_alone", "a port of the node", lambda o: put(server(o)["ports"][0], "hostPort", 50051))
    yield ("outside_meets_the_edge_alone", "a route past it", lambda o: o.append(route_to("intake-grpc", 50051)))
    yield ("outside_meets_the_edge_alone", "an Ingress", lambda o: o.append(
        {"kind": "Ingress", "metadata": {"name": "x"}, "spec": {"defaultBackend": {"service": {"name": "edge"}}}}))
    yield ("outside_meets_the_edge_alone", "another namespace may call", lambda o: find(o, "NetworkPolicy", "services")["spec"][
        "ingress"][0]["from"].append({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gateway"}}}))
    yield ("outside_meets_the_edge_alone", "an address may call", lambda o: find(o, "NetworkPolicy", "services")["spec"][
        "ingress"][0]["from"].append({"ipBlock": {"cidr": "198.51.100.0/24"}}))
    yield ("outside_meets_the_edge_alone", "any port is open to those who read metrics", lambda o: find(
        o, "NetworkPolicy", "services")["spec"]["ingress"][1].pop("ports"))
    yield ("outside_meets_the_edge_alone", "nothing denied", lambda o: o.remove(find(o, "NetworkPolicy", "deny-all")))
    yield ("served", "of a version that is gone", lambda o: put(find(o, "CronJob", "probe"), "apiVersion", "batch/v1beta1"))
    yield ("served", "of a group that is gone", lambda o: put(find(o, "NetworkPolicy", "edge"), "apiVersion", "networking.k8s.io/v1beta1"))
    yield ("served", "of somebody unknown", lambda o: put(find(o, "ScheduledBackup", "postgres"), "apiVersion", "stash.example/v1"))
    yield ("names_fit", "a long port", lambda o: put(server(o)["ports"][0], "name", "grpc-for-services"))
    yield ("names_fit", "a port of capitals", lambda o: put(server(o)["ports"][0], "name", "gRPC"))
    yield ("names_fit", "a port of digits", lambda o: put(server(o)["ports"][0], "name", "50051"))
    yield ("names_fit", "a long label", lambda o: put(find(o, "Service", "edge")["metadata"]["labels"], "x", "y" * 64))
    yield ("names_fit", "a label with a slash", lambda o: put(find(o, "Deployment", "edge")["spec"]["template"]["metadata"]["labels"], "x", "a/b"))
    yield ("names_fit", "a label of two prefixes", lambda o: put(find(o, "Service", "edge")["metadata"]["labels"], "x/y/z", "a"))
    yield ("names_fit", "a Service with a digit first", lambda o: put(find(o, "Service", "edge")["metadata"], "name", "1edge"))
    yield ("names_fit", "a Service with a dot", lambda o: put(find(o, "Service", "edge")["metadata"], "name", "edge.x"))
    yield ("names_fit", "a CronJob of 53 letters", lambda o: put(find(o, "CronJob", "probe")["metadata"], "name", "p" * 53))
    yield ("names_fit", "a container with a line below", lambda o: put(server(o), "name", "the_server"))
    yield ("names_fit", "two ports, one without a name", lambda o: find(o, "Service", "intake-pods")["spec"]["ports"][0].pop("name"))
    yield ("texts_are_texts", "a label", lambda o: put(find(o, "Service", "edge")["metadata"]["labels"], "x", True))
    yield ("texts_are_texts", "an annotation", lambda o: put(find(o, "Service", "edge")["metadata"], "annotations", {"x": 5}))
    yield ("texts_are_texts", "of an environment", lambda o: server(o).setdefault("env", []).append({"name": "X", "value": 5432}))
    yield ("texts_are_texts", "of a ConfigMap", lambda o: next(
        made for made in o if made["metadata"]["name"].startswith("intake-settings-"))["data"].update(XXT_INTAKE__CELL=1))
    yield ("texts_are_texts", "of a command", lambda o: put(server(o), "args", [5]))
    yield ("texts_are_texts", "too much", lambda o: next(
        made for made in o if made["metadata"]["name"].startswith("intake-settings-"))["data"].update(X="x" * (1 << 20)))
    yield ("said_once", "an object", lambda o: o.append(copy.deepcopy(find(o, "Service", "edge"))))
    yield ("said_once", "a container", lambda o: put(pod(o)["initContainers"][0], "name", "server"))
    yield ("said_once", "a port", lambda o: put(server(o)["ports"][0], "containerPort", 9091))
    yield ("said_once", "a port's name", lambda o: put(server(o)["ports"][0], "name", "health"))
    yield ("said_once", "a place", lambda o: put(server(o)["volumeMounts"][0], "mountPath", "/etc/xxt/tls/"))
    yield ("said_once", "a variable", lambda o: put(server(o), "env", 2 * [{"name": "X", "value": "x"}]))
    yield ("said_once", "a Service's port", lambda o: put(find(o, "Service", "intake-pods")["spec"]["ports"][0], "port", 9090))
    yield ("probes_reach", "no such number", lambda o: put(server(o)["livenessProbe"]["grpc"], "port", 9092))
    yield ("probes_reach", "no such name", lambda o: put(pod(o, name="edge")["containers"][0]["livenessProbe"]["httpGet"], "port", "http"))
    yield ("limits_cover", "memory", lambda o: put(server(o)["resources"]["requests"], "memory", "2Gi"))
    yield ("limits_cover", "processors", lambda o: put(pod(o)["initContainers"][0]["resources"]["requests"], "cpu", "2001m"))
    yield ("budgets_fit", "of nobody", lambda o: put(
        find(o, "PodDisruptionBudget", "edge")["spec"]["selector"]["matchLabels"], "app.kubernetes.io/component", "x"))
    yield ("budgets_fit", "of all", lambda o: find(o, "PodDisruptionBudget", "edge")["spec"]["selector"]["matchLabels"].pop(
        "app.kubernetes.io/component"))
    yield ("names_fit", "a key with a space", lambda o: next(
        made for made in o if made["metadata"]["name"].startswith("intake-settings-"))["data"].update({"a b": "x"}))
    yield ("services_fit", "inside, with addresses from outside", lambda o: put(
        find(o, "Service", "intake-grpc")["spec"], "externalTrafficPolicy", "Local"))
    yield ("services_fit", "an address", lambda o: put(find(o, "Service", "intake-grpc")["spec"], "clusterIP", "10.0.0.1"))
    yield ("services_fit", "headless, with another port", lambda o: put(find(o, "Service", "intake-pods")["spec"]["ports"][0], "targetPort", 50052))
    yield ("peers_fit", "an address and pods", lambda o: find(o, "NetworkPolicy", "sms")["spec"]["egress"][0]["to"][0].update(podSelector={}))
    yield ("peers_fit", "a port by its name", lambda o: put(find(o, "NetworkPolicy", "use-redis")["spec"]["egress"][0]["ports"][0], "port", "redis"))
    yield ("peers_fit", "of another side", lambda o: put(find(o, "NetworkPolicy", "sms")["spec"], "policyTypes", ["Ingress"]))
    yield ("restarts_fit", "a job for ever", lambda o: pod(o, "Job", "migrations").pop("restartPolicy"))
    yield ("restarts_fit", "a server once", lambda o: put(pod(o), "restartPolicy", "Never"))
    yield ("restarts_fit", "recreated and rolled", lambda o: put(
        find(o, "Deployment", "edge")["spec"]["strategy"], "type", "Recreate"))
    yield ("rights_are_somebodys", "no such role", lambda o: o.remove(find(o, "Role", "restore-drill")))
    yield ("rights_are_somebodys", "an account of nowhere", lambda o: find(o, "RoleBinding", "restore-drill")["subjects"][0].pop("namespace"))
    yield ("let_through", "no names", lambda o: o.remove(find(o, "NetworkPolicy", "resolve-names")))
    yield ("let_through", "names over UDP", lambda o: find(o, "NetworkPolicy", "resolve-names")["spec"]["egress"][0]["ports"].pop(0))
    yield ("let_through", "services cannot call", lambda o: find(o, "Deployment", "referral-server")["spec"]["template"]["metadata"][
        "labels"].pop("xixinting/uses-services"))
    yield ("let_through", "nor be called", lambda o: find(o, "NetworkPolicy", "services")["spec"]["ingress"].pop(0))
    yield ("let_through", "no PostgreSQL", lambda o: o.remove(find(o, "NetworkPolicy", "use-postgres")))
    yield ("let_through", "no migrations", lambda o: find(o, "Job", "migrations")["spec"]["template"]["metadata"]["labels"].pop(
        "xixinting/uses-postgres"))
    yield ("let_through", "Redis at another port", lambda o: put(
        find(o, "NetworkPolicy", "redis-proxy")["spec"]["egress"][0]["ports"][0], "port", 6380))
    yield ("let_through", "the edge is not looked at", lambda o: find(o, "NetworkPolicy", "edge")["spec"]["ingress"].pop(1))
    yield ("let_through", "nor read", lambda o: find(o, "NetworkPolicy", "edge")["spec"]["ingress"].pop(2))
    yield ("let_through", "the edge leads nowhere", lambda o: find(o, "Deployment", "edge")["spec"]["template"]["metadata"]["labels"].pop(
        "xixinting/uses-services"))
    yield ("let_through", "the edge at PostgreSQL", lambda o: find(o, "Deployment", "edge")["spec"]["template"]["metadata"]["labels"].update(
        {"xixinting/uses-postgres": "true"}))
    yield ("let_through", "anybody at Redis", lambda o: find(o, "NetworkPolicy", "redis-proxy")["spec"]["ingress"].append(
        {"ports": [{"protocol": "TCP", "port": 6379}]}))
    yield ("drain_is_noticed", "asked too seldom", lambda o: put(server(o)["readinessProbe"], "periodSeconds", 10))
    yield ("found_by_all_addresses", "one address", lambda o: find(o, "Service", "intake-pods")["spec"].pop("clusterIP"))


class Rules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        text = (GOLDEN / "production.yaml").read_text(encoding="utf-8")
        cls.production = render.objects(text)

    def test_find_nothing_in_production(self):
        self.assertEqual(rules.judge(rules.Manifests(self.production)), {})

    def test_refuse_what_was_doctored(self):
        for rule, what, change in doctored():
            with self.subTest(rule=rule, what=what):
                objects = copy.deepcopy(self.production)
                change(objects)
                self.assertTrue([*rules.RULES[rule](rules.Manifests(objects))])

    def test_are_each_tried(self):
        self.assertEqual({rule for rule, _, _ in doctored()}, set(rules.RULES))


if __name__ == "__main__":
    unittest.main()
