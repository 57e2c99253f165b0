"""Checks docs/operations/telemetry.md, health.md, their Chinese twins and the doctor against what the code declares."""

import re
import unittest

import telemetry

# The end of a metric's name, by its unit. Things that are counted are named as it reads best.
ENDINGS = {"seconds": "_seconds", "transactions": "_transactions", "rows": "_rows", "months": "_months_ahead"}


class TelemetryPage(unittest.TestCase):
    def test_has_every_metric_that_is_declared_and_no_other(self):
        declared = telemetry.metrics_in_code() | telemetry.metrics_of_edge()
        for page in telemetry.PAGES:
            said = {name: metric.type for name, metric in telemetry.metrics_of_page(page).items()}
            self.assertEqual(said, declared, page)

    def test_no_metric_is_declared_in_a_way_that_this_test_does_not_see(self):
        self.assertEqual(telemetry.names_in_code(), set(telemetry.metrics_in_code()))

    def test_finds_each_metric_of_the_edge_told_once_with_words_to_it(self):
        page = (telemetry.ROOT / "deploy/components/edge/metrics").read_text(encoding="utf-8")
        for of_each in (r"^# HELP (\S+) \S.*\.$", r"(?:^|-->)(\w+) <!--# echo var=\"\w+\" -->"):
            self.assertEqual(re.findall(of_each, page, re.MULTILINE), list(telemetry.metrics_of_edge()))
        self.assertEqual(telemetry.names_in("deploy/components/edge/metrics"), set(telemetry.metrics_of_edge()))

    def test_has_every_label_and_no_other(self):
        for page in telemetry.PAGES:
            used = {label for metric in telemetry.metrics_of_page(page).values() for label in metric.labels}
            self.assertEqual(used, telemetry.labels_in_code(), page)
            self.assertEqual(telemetry.labels_of_page(page), used, page)

    def test_says_the_same_in_both_languages(self):
        self.assertEqual(*map(telemetry.metrics_of_page, telemetry.PAGES))

    def test_stands_in_alphabetical_order(self):
        for page in telemetry.PAGES:
            names = list(telemetry.metrics_of_page(page))
            self.assertEqual(names, sorted(names), page)


class Names(unittest.TestCase):
    def test_follow_the_conventions_of_prometheus(self):
        for name, metric in telemetry.metrics_of_page().items():
            self.assertRegex(name, r"^(xixinting|rpc_server)(_[a-z]+)+$")
            self.assertNotRegex(name, r"_(count|sum|bucket|info|gauge|counter|histogram|millis|ms)(_|$)", name)
            self.assertEqual(name.endswith("_total"), metric.type == "counter", name)
            self.assertTrue(name.removesuffix("_total").endswith(ENDINGS.get(metric.unit, "")), name)
            for unit, ending in ENDINGS.items():
                self.assertEqual(name.removesuffix("_total").endswith(ending), metric.unit == unit, name)

    def test_of_labels_are_not_of_ids_or_people(self):
        for label in telemetry.labels_in_code():
            self.assertNotRegex(label, r"(^|_)(id|uuid|name|case|subject|phone|person|applicant|officer|token|trace)(_|$)")


class HealthPage(unittest.TestCase):
    def test_names_only_what_the_services_tell(self):
        for page in ("docs/operations/health.md", "docs/operations/health.zh-CN.md"):
            self.assertLessEqual(telemetry.names_in(page), telemetry.names_in_code(), page)

    def test_names_what_the_doctor_looks_at(self):
        looked_at = telemetry.names_in("tools/xxt/verdicts.cc")
        self.assertLessEqual(looked_at, telemetry.names_in_code())
        for page in ("docs/operations/health.md", "docs/operations/health.zh-CN.md"):
            self.assertLessEqual(looked_at, telemetry.names_in(page), page)


if __name__ == "__main__":
    unittest.main()
