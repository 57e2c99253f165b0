#!/usr/bin/python3
"""What services show is what the judge reads."""
import unittest

import evidence


class Evidence(unittest.TestCase):
    def test_a_referral_tells_how_it_asks_and_until_when(self):
        shown = {"name": "referrals/1", "connector": "CONNECTOR_EMAIL",
                 "cut_off": {"last_safe_day": {"year": 2026, "month": 3, "day": 2}, "anchor_day": {"year": 2016, "month": 11, "day": 23}}}
        self.assertEqual(evidence.asking_of(shown), {"connector": "EMAIL", "last_safe_day": "2026-03-02", "anchor_day": "2016-11-23"})
        self.assertEqual(evidence.asking_of({"connector": "CONNECTOR_STAFF"}),
                         {"connector": "STAFF", "last_safe_day": None, "anchor_day": None})

    def test_the_words_of_a_mail_that_matched_nothing_are_its_entrys_once_it_is_filed(self):
        entries = [{"referral": "referrals/1", "name": f"referrals/1/entries/{id}", "mail": {"text": text}} for id, text in (("a", "of a"), ("b", "of b"))]
        mails = [evidence.mail_of(entry) for entry in entries]
        filed = {"name": "unmatchedMails/b", "message_id": "m@x"}
        self.assertEqual(evidence.words_of(filed, mails), {"text": "of b", "message_id": "m@x"})
        opened = {"name": "unmatchedMails/c", "text": "of c"}
        self.assertEqual(evidence.words_of(opened, mails), {"text": "of c", "message_id": ""})

    def test_a_list_is_read_to_its_end(self):
        class Client:
            def until_answered(self, service, staff, method, page, stop):
                asked.append((method, page["page_token"] if "page_token" in page else ""))
                return {"things": [len(asked)], "next_page_token": "more" if len(asked) == 1 else ""}
        asked = []
        self.assertEqual(list(evidence.pages(Client(), "referral", "Thing/List", "things", {"parent": "p"})), [1, 2])
        self.assertEqual(asked, [("xixinting.referral.v1.Thing/List", ""), ("xixinting.referral.v1.Thing/List", "more")])

    def test_of_violations_that_are_alike_a_few_are_shown_and_how_many_there_are(self):
        lost = [f"lost: cases/{number:08d}-0000-7000-8000-000000000000: 0 of 1 messages" for number in range(7)]
        self.assertEqual(evidence.examples_of([lost[0], "untrue: another", *lost[1:]]),
                         [*lost[:evidence.EXAMPLES], "  5 of 7 that are alike", "untrue: another"])
        self.assertEqual(evidence.examples_of(lost[:evidence.EXAMPLES]), lost[:evidence.EXAMPLES])


if __name__ == "__main__":
    unittest.main()
