"""That the judge of the stories' storm sees what was told or asked twice."""
import collections
import unittest

from story_storm import mails_told_twice, texts_told_twice

MESSAGE_OF = {"d1": "messages/1", "d2": "messages/1", "d3": "messages/2"}


def mail(number, subject="协查函 [7KQ2]", to="archive@example.cn"):
    return {"message_id": f"<{number}@hall>", "to": [to], "subject": subject}


class Texts(unittest.TestCase):
    def test_one_of_each_message_is_right(self):
        self.assertEqual(texts_told_twice([{"key": "d1"}, {"key": "d3"}], MESSAGE_OF, collections.Counter()), [])

    def test_a_second_of_a_message_is_seen_unless_a_person_decided_so(self):
        twice = [{"key": "d1"}, {"key": "d2"}]
        self.assertEqual(texts_told_twice(twice, MESSAGE_OF, collections.Counter()), ["messages/1: 2 text messages"])
        self.assertEqual(texts_told_twice(twice, MESSAGE_OF, collections.Counter({"messages/1": 1})), [])

    def test_one_of_no_delivery_is_seen(self):
        self.assertEqual(texts_told_twice([{"key": "d9"}], MESSAGE_OF, collections.Counter()), ["1 texts are no delivery's"])


class Mails(unittest.TestCase):
    def test_each_once_with_its_reminders_is_right(self):
        self.assertEqual(mails_told_twice([mail(1), mail(2, "催办：协查函 [7KQ2]"), mail(3, "催办：协查函 [7KQ2]"),
                                           mail(4, to="employer@example.cn")]), [])

    def test_a_body_may_answer_twice(self):
        self.assertEqual(mails_told_twice([mail(1, "回复：协查函 [7KQ2]", "window@hall.example"),
                                           mail(2, "回复：协查函 [7KQ2]", "window@hall.example")]), [])

    def test_a_mail_that_came_twice_is_seen(self):
        self.assertIn("mail 1@hall came 2 times", mails_told_twice([mail(1), mail(1)]))

    def test_a_body_that_was_asked_twice_by_two_mails_is_seen(self):
        self.assertEqual(mails_told_twice([mail(1), mail(2)]), ["archive@example.cn 协查函 [7KQ2]: asked 2 times"])


if __name__ == "__main__":
    unittest.main()
