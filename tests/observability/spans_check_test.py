"""What spans_check.py thinks of spans: of chains that are whole, and of others."""

import itertools
import unittest

import spans_check


def chain_of(steps, number):
    """Returns the rows of a chain in a trace of its own."""
    rows, parent = [], ""
    for place, (service, kind, name) in enumerate(steps):
        span = f"{number:08x}{place + 1:08x}"
        rows.append({"service": service, "kind": kind, "name": name, "trace": f"{number:032x}", "span": span, "parent": parent,
                     "outcome": "OK", "words": ["service.name", service, name, "OK"]})
        parent = span
    return rows


def good():
    return list(itertools.chain(*(chain_of(steps, number) for number, steps in enumerate(spans_check.CHAINS.values(), 1))))


class Spans(unittest.TestCase):
    def test_that_hang_together_are_right(self):
        self.assertEqual(list(spans_check.faults_of(good())), [])
        self.assertEqual(spans_check.faults_of_words(good()), [])

    def test_of_which_one_is_missing_are_not(self):
        for place in range(len(good())):
            rows = good()
            del rows[place]
            self.assertTrue(list(spans_check.faults_of(rows)), good()[place])

    def test_in_another_trace_or_below_another_are_not(self):
        for change in ({"trace": "f" * 32}, {"parent": "f" * 16}, {"parent": ""}, {"service": "toolbox"}, {"kind": "5"}):
            for place, row in enumerate(good()):
                if change == {"parent": ""} and not row["parent"]:
                    continue
                rows = good()
                rows[place] = row | change
                self.assertTrue(list(spans_check.faults_of(rows)), (row, change))

    def test_without_outcome_or_with_one_id_twice_are_not(self):
        rows = good()
        rows[0]["outcome"] = ""
        self.assertEqual(len(list(spans_check.faults_of(rows))), 1)
        self.assertEqual(list(spans_check.faults_of(good() + good()[:1])), ["two spans have the same id"])

    def test_tell_nothing_but_words(self):
        for word in ("沈玉兰", "13800138010", "+8613800138010", "110102194803150822", "a@hall.example", "cases/0192f0c1", "case.tell 1",
                     "two words", "halls/110102016", "OK\n", "-"):
            rows = good()
            rows[1]["words"].append(word)
            self.assertEqual(len(spans_check.faults_of_words(rows)), 1, word)


if __name__ == "__main__":
    unittest.main()
