"""Checks deploy/observability/rules.yaml: that each alert fires when it should and not just below, names only what the
services tell, and has a page that says what to do.
"""

import pathlib
import re
import subprocess
import tempfile
import unittest

import telemetry
import yaml

RULES = telemetry.ROOT / "deploy/observability/rules.yaml"
RUNBOOKS = telemetry.ROOT / "docs/operations/runbooks"
# What Prometheus adds itself, what kube-state-metrics tells of a CronJob, cert-manager of a Certificate, CloudNativePG's instances and
# the barman-cloud plugin of themselves, and the kubelet of disks.
OF_OTHERS = {"up": ("job", "instance"), "certmanager_certificate_expiration_timestamp_seconds": ("namespace", "name")}
OF_OTHERS |= {f"kube_cronjob_{name}": ("namespace", "cronjob") for name in ("created", "status_last_successful_time")}
OF_OTHERS |= {name: ("namespace", "pod") for name in (
    "cnpg_pg_replication_in_recovery", "cnpg_pg_replication_streaming_replicas", "cnpg_pg_stat_archiver_last_archived_time",
    "cnpg_pg_stat_archiver_last_failed_time", "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp")}
OF_OTHERS |= {f"kubelet_volume_stats_{name}_bytes": ("namespace", "persistentvolumeclaim") for name in ("available", "capacity")}
ADDED_LABELS = {"job", "instance", "le"}


def alerts():
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def cases():
    """Returns {alert: [case]}, each with `series` and, by time, the labels of what `fires`."""
    return yaml.safe_load((pathlib.Path(__file__).parent / "alerts.yaml").read_text(encoding="utf-8"))


def promtool(*arguments):
    return subprocess.run(["promtool", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)


def as_promtool_test(rule, case):
    firing = [{"eval_time": time, "alertname": rule["alert"],
               "exp_alerts": [{"exp_labels": labels | rule["labels"], "exp_annotations": rule["annotations"]} for labels in expected]}
              for time, expected in case["fires"].items()]
    series = [{"series": name, "values": str(values)} for name, values in case["series"].items()]
    return {"interval": "1m", "input_series": series, "alert_rule_test": firing}


class Alerts(unittest.TestCase):
    def test_can_be_read_by_prometheus(self):
        checked = promtool("check", "rules", RULES)
        self.assertEqual(checked.returncode, 0, checked.stdout)

    def test_fire_when_they_should_and_not_just_below(self):
        rules = alerts()
        self.assertEqual(set(cases()), set(rules))
        for name, rule in rules.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                tests = [as_promtool_test(rule, case) for case in cases()[name]]
                file = pathlib.Path(folder, "test.yaml")
                file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}))
                tested = promtool("test", "rules", file)
                self.assertEqual(tested.returncode, 0, tested.stdout)

    def test_are_all_seen_firing_and_silent(self):
        for name, tried in cases().items():
            expected = [fires for case in tried for fires in case["fires"].values()]
            self.assertTrue(any(expected) and not all(expected), name)

    def test_are_tried_with_series_such_as_the_services_tell(self):
        told = OF_OTHERS | {name: metric.labels for name, metric in telemetry.metrics_of_page().items()}
        for name, tried in cases().items():
            for series in (series for case in tried for series in case["series"]):
                (metric, labels), = telemetry.selectors_of(series)
                self.assertEqual(labels - ADDED_LABELS, set(told[metric]) - ADDED_LABELS, (name, series))

    def test_name_only_metrics_and_labels_of_the_table(self):
        told = OF_OTHERS | {name: metric.labels for name, metric in telemetry.metrics_of_page().items()}
        for name, rule in alerts().items():
            asked = telemetry.selectors_of(rule["expr"])
            self.assertTrue(asked, name)
            for metric, labels in asked:
                self.assertIn(metric, told, name)
                self.assertLessEqual(labels, set(told[metric]) | ADDED_LABELS, name)
            self.assertLessEqual(telemetry.grouped_by(rule["expr"]), {label for metric, _ in asked for label in told[metric]} | ADDED_LABELS, name)

    def test_name_only_kinds_of_tasks_that_there_are(self):
        kinds = {kind for text in telemetry.sources("*.h", "*.cc") for kind in re.findall(r'constexpr char k\w+Kind\[\]\s*=\s*"([^"]+)"', text)}
        for name, rule in alerts().items():
            named = {kind for kinds_of in re.findall(r'kind[=!]~?"([^"]+)"', rule["expr"]) for kind in kinds_of.split("|")}
            self.assertLessEqual(named, kinds, name)

    def test_of_single_kinds_are_left_out_of_the_one_for_all_others(self):
        of_others = alerts()["DeskWorkWaits"]["expr"]
        single = {kind for name, rule in alerts().items() if name != "DeskWorkWaits"
                  for found in re.findall(r'kind=~?"([^"]+)"', rule["expr"]) for kind in found.split("|")}
        self.assertEqual(set(re.search(r'kind!~"([^"]+)"', of_others)[1].split("|")), single)

    def test_name_the_jobs_and_certificates_that_production_has(self):
        text = (telemetry.ROOT / "deploy/tests/golden/production.yaml").read_text(encoding="utf-8")
        made = [(one["kind"], one["metadata"]["name"]) for one in yaml.safe_load_all(text)]
        named = {name for rule in alerts().values() for name in re.findall(r'cronjob="([^"]+)"', rule["expr"])}
        self.assertEqual(named, {name for kind, name in made if kind == "CronJob"})
        watched = set(re.search(r'name=~"([^"]+)"', alerts()["CertificateNotRenewed"]["expr"])[1].split("|"))
        self.assertEqual(watched, {name for kind, name in made if kind == "Certificate"})

    def test_agree_with_what_the_doctor_and_the_ledgers_alarm_call_too_long(self):
        doctor = (telemetry.ROOT / "tools/xxt/verdicts.h").read_text(encoding="utf-8")
        longest = int(re.search(r"kLongestStandstill = absl::Minutes\((\d+)\)", doctor)[1]) * 60
        for name in ("QueueOldestAge", "MailboxUnread"):
            self.assertTrue(alerts()[name]["expr"].endswith(f"> {longest}"), name)
        days = int(re.search(r"kCalendarAhead = absl::Hours\((\d+) \* 24\)", doctor)[1])
        months = re.search(r"kMonthsAhead = (\d+)", doctor)[1]
        self.assertTrue(alerts()["CalendarEnds"]["expr"].endswith(f"< {days * 86400}"))
        self.assertTrue(alerts()["PartitionsEnd"]["expr"].endswith(f"< {months}"))
        days = int(re.search(r"kCertificateAhead = absl::Hours\((\d+) \* 24\)", doctor)[1])
        for name in ("CertificateExpiring", "CertificateNotRenewed"):
            self.assertTrue(alerts()[name]["expr"].endswith(f"< {days * 86400}"), name)
        ledger = (telemetry.ROOT / "common/events/horizon.cc").read_text(encoding="utf-8")
        minutes = [int(re.search(rf"{name} = absl::Minutes\((\d+)\)", ledger)[1]) for name in ("kLongTransaction", "kLongSnapshot")]
        far = int(re.search(r"kFarBehind = ([\d']+)", ledger)[1].replace("'", ""))
        for limit in (r"kLongTransaction = absl::Minutes\((\d+)\)", r"kLongSnapshot = absl::Minutes\((\d+)\)", r"kFarBehind = ([\d']+)"):
            self.assertEqual(re.search(limit, doctor)[1], re.search(limit, ledger)[1], limit)
        self.assertEqual([int(limit) for limit in re.findall(r"> (\d+)", alerts()["LedgerHeldBack"]["expr"])],
                         [minutes[0] * 60, minutes[1] * 60, far])


class Runbooks(unittest.TestCase):
    def test_are_one_for_each_alert(self):
        self.assertEqual({page.stem for page in RUNBOOKS.glob("*.md")}, set(alerts()))
        for name, rule in alerts().items():
            self.assertEqual(rule["annotations"]["runbook"], f"docs/operations/runbooks/{name}.md")

    def test_say_in_both_languages_what_it_means_how_to_verify_what_to_do_and_who_does(self):
        for page in RUNBOOKS.glob("*.md"):
            text = page.read_text(encoding="utf-8")
            begin = f"# {page.stem}：{alerts()[page.stem]['annotations']['summary']}\n"
            self.assertTrue(text.startswith(begin), page.stem)
            parts = re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE)
            self.assertEqual(parts, ["含义", "核实", "处理", "负责", "Meaning", "Verify", "Do", "Who"], page.stem)
            self.assertEqual(len(re.findall(r"^```$", text, re.MULTILINE)), 2, f"{page.stem}: one command")

    def test_name_only_commands_log_events_settings_and_kinds_that_there_are(self):
        protos = "".join(file.read_text(encoding="utf-8") for file in (telemetry.ROOT / "protos").rglob("*.proto"))
        methods = {name.lower() for name in re.findall(r"^  rpc (\w+)\(", protos, re.MULTILINE)}
        words = {word for text in telemetry.sources("*.h", "*.cc") for word in re.findall(r'"([a-z_]+\.[a-z_]+)"', text)}
        for page in RUNBOOKS.glob("*.md"):
            text = page.read_text(encoding="utf-8")
            for noun, verb in re.findall(r"\bxxt ([a-z]+) ([a-z]+)", text):
                self.assertTrue({verb + noun, verb + noun + "s"} & methods, f"{page.stem}: xxt {noun} {verb}")
            named = {word for word in telemetry.coded(text) if re.fullmatch(r"[a-z_]+\.[a-z_]+", word)}
            self.assertLessEqual(named, words, page.stem)

    def test_are_named_in_the_table_beside_the_metrics_that_they_are_about(self):
        asked = {(metric, name) for name, rule in alerts().items() for metric, _ in telemetry.selectors_of(rule["expr"])}
        for page in telemetry.PAGES:
            said = {(telemetry.coded(row[0])[0], name) for row in telemetry.tables(page)[0]
                    for name in re.findall(r"\[(\w+)\]\(runbooks/\1\.md\)", row[5])}
            self.assertEqual(said, {(metric, name) for metric, name in asked if metric not in OF_OTHERS}, page)


class Severities(unittest.TestCase):
    def test_are_two(self):
        self.assertEqual({rule["labels"]["severity"] for rule in alerts().values()}, {"page", "ticket"})


if __name__ == "__main__":
    unittest.main()
