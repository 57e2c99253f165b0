"""What page_check.py thinks of pages: of one that is as the table says, and of others."""

import unittest

import page_check
import telemetry

VALUES = {"certificate": "own", "done_by": "people", "holder": "slot", "key": "seal.key_file", "kind": "case.act",
          "party": "bodies/archive", "pool": "requests", "state": "pending",
          "rpc_method": "xixinting.intake.v1.CaseService/GetCase", "rpc_status_code": "NOT_FOUND", "table": "intake.cases"}


def lines_of(name, metric):
    labels = ",".join(f'{label}="{VALUES[label]}"' for label in metric.labels)
    yield f"# HELP {name} Help"
    yield f"# TYPE {name} {metric.type}"
    if metric.type == "histogram":
        for le in ("0.1", "+Inf"):
            yield f'{name}_bucket{{{labels}{"," if labels else ""}le="{le}"}} 1'
    for suffix in ("_count", "_sum") if metric.type == "histogram" else ("",):
        yield f"{name}{suffix}{{{labels}}} 1" if labels else f"{name}{suffix} 1"


def page(leave_out=()):
    metrics = telemetry.metrics_of_page()
    return "\n".join(line for name, metric in metrics.items() if name not in leave_out for line in lines_of(name, metric)) + "\n"


class PageCheck(unittest.TestCase):
    def faults(self, text):
        return page_check.faults_of({"intake": text})

    def test_tries_panels_with_some_methods_of_each_service_and_all_that_is_of_none(self):
        every = {f'calls{{job="{job}",rpc_method="M{number:03}"}}': 1 for job in ("a", "b") for number in range(100)}
        few = page_check.of_few_methods({**every, 'up{job="a"}': 1})
        self.assertEqual(len(few), 2 * page_check.METHODS + 1)
        self.assertIn('up{job="a"}', few)

    def test_finds_nothing_in_a_page_that_is_as_the_table_says(self):
        self.assertEqual(self.faults(page()), [])

    def test_does_not_mind_that_what_is_told_seldom_is_not_told(self):
        self.assertEqual(self.faults(page(leave_out=page_check.SELDOM)), [])

    def test_leaves_out_what_the_library_tells_of_itself(self):
        own = "# HELP exposer_scrapes_total Scrapes\n# TYPE exposer_scrapes_total counter\nexposer_scrapes_total 1\n"
        self.assertEqual(self.faults(own + page()), [])

    def test_finds_a_metric_that_is_not_told_and_the_panel_that_shows_nothing(self):
        faults = self.faults(page(leave_out={"xixinting_redis_up"}))
        self.assertEqual(faults[0], "no service tells xixinting_redis_up")
        self.assertIn("xixinting_redis_up", faults[1])
        self.assertEqual(len(faults), 2)

    def test_finds_a_metric_that_is_not_in_the_table(self):
        more = "# HELP xixinting_new More\n# TYPE xixinting_new gauge\nxixinting_new 1\n"
        self.assertEqual(self.faults(page() + more), ["intake: xixinting_new is not in the table"])

    def test_finds_another_type(self):
        faults = self.faults(page().replace("# TYPE xixinting_ready gauge", "# TYPE xixinting_ready untyped"))
        self.assertEqual(faults, ["intake: xixinting_ready is a untyped, the table says gauge"])

    def test_finds_other_labels(self):
        faults = self.faults(page().replace("xixinting_ready 1", 'xixinting_ready{pool="requests"} 1'))
        self.assertEqual(faults, ["intake: xixinting_ready{pool=\"requests\"} has other labels than ()"])

    def test_finds_values_that_may_be_of_a_person_or_a_thing(self):
        for value in ("沈玉兰", "13800138000", "cases/0191f8a0-5b5c-7d3e-8f00-000000000001"):
            faults = self.faults(page().replace('party="bodies/archive"', f'party="{value}"'))
            self.assertEqual(faults, [f"intake: xixinting_party_at_rest: party may be of a person or a thing: {value}"])

    def test_finds_what_promtool_has_against_a_page(self):
        faults = self.faults(page().replace("# HELP xixinting_ready Help\n", ""))
        self.assertEqual(len(faults), 1)
        self.assertIn("xixinting_ready", faults[0])


if __name__ == "__main__":
    unittest.main()
