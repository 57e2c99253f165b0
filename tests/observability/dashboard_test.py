"""Checks deploy/observability/dashboard.json. What its queries find in a running instance, page_check.py says."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import dashboard
import telemetry
import yaml


class Dashboard(unittest.TestCase):
    def test_can_be_provisioned(self):
        whole = json.loads(dashboard.FILE.read_text(encoding="utf-8"))
        self.assertEqual(whole["uid"], "xixinting")
        ids = [panel["id"] for panel in whole["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in dashboard.panels():
            self.assertEqual(panel["datasource"], {"type": "prometheus", "uid": "${datasource}"}, panel["title"])
            self.assertTrue(panel["targets"], panel["title"])
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])

    def test_has_titles_in_both_languages(self):
        for panel in json.loads(dashboard.FILE.read_text(encoding="utf-8"))["panels"]:
            self.assertRegex(panel["title"], r"^[^/]*[\u4e00-\u9fff][^/]* / [^\u4e00-\u9fff]+$")

    def test_shows_every_metric_of_the_table_and_asks_for_no_other(self):
        asked = {metric for _, query in dashboard.queries() for metric, _ in telemetry.selectors_of(query)}
        self.assertEqual(asked, set(telemetry.metrics_of_page()))

    def test_asks_for_labels_of_the_table(self):
        table = telemetry.metrics_of_page()
        for title, query in dashboard.queries():
            of_metrics = {label for metric, _ in telemetry.selectors_of(query) for label in table[metric].labels}
            asked = {label for _, labels in telemetry.selectors_of(query) for label in labels}
            self.assertLessEqual(asked | telemetry.grouped_by(query), of_metrics | {"job", "instance", "le"}, title)

    def test_asks_what_prometheus_understands(self):
        rules = [{"record": f"panel:{number}", "expr": query} for number, (_, query) in enumerate(dashboard.queries())]
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "rules.yaml")
            file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
            checked = subprocess.run(["promtool", "check", "rules", file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                     text=True, check=False)
            self.assertEqual(checked.returncode, 0, checked.stdout)


if __name__ == "__main__":
    unittest.main()
