"""Tests of push_gateway.py. Not a program; see test_sims.py."""
import json
import os
import time
import urllib.error
import urllib.request

from push_gateway import signed_by
from sim_case import Case, http

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class PushTest(Case):
    def setUp(self):
        super().setUp()
        _, ports = self.start("push_gateway.py", "--port", 0, "--ledger", os.path.join(self.dir, "ledger"),
                              "--token-file", self.file("token", "good\n"), "--secret-file", self.file("secret", SECRET))
        self.url = f"http://127.0.0.1:{ports['http']}"

    def wechat(self, to="oShen", key="k1", token="good"):
        return http("POST", f"{self.url}/cgi-bin/message/template/send?access_token={token}",
                    {"touser": to, "template_id": "t", "client_msg_id": key,
                     "data": {"first": {"value": "办结"}, "remark": {"value": "您好"}}})

    def webhook(self, account="shen-1", key="k1", secret=SECRET, at=None):
        body = json.dumps({"type": "message.v1", "data": {"account": account, "case": "cases/1", "text": "您好"}}).encode()
        at = str(int(time.time() if at is None else at))
        request = urllib.request.Request(self.url + "/webhooks", body, {
            "webhook-id": key, "webhook-timestamp": at, "webhook-signature": "v1,x " + signed_by(secret, key, at, body)})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def rows(self):
        return [(row["channel"], row["to"], row["text"]) for row in http("GET", self.url + "/ledger")[1]]

    def test_the_signature_is_the_standards(self):
        self.assertEqual(signed_by(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'),
                         "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")

    def test_wechat_takes_a_message_once(self):
        self.assertEqual(self.wechat()[1]["errcode"], 0)
        self.assertEqual(self.wechat()[1]["errcode"], 0)
        self.assertEqual(self.rows(), [("wechat", "oShen", "办结\n您好")])

    def test_wechat_says_whom_it_cannot_reach(self):
        self.assertEqual(self.wechat(token="old")[1]["errcode"], 40001)
        self.assertEqual(self.wechat(to="shen")[1]["errcode"], 40003)
        self.assertEqual(self.wechat(to="oGone")[1]["errcode"], 43004)
        self.assertEqual(self.rows(), [])

    def test_a_webhook_is_taken_once_if_it_is_signed_and_of_now(self):
        self.assertEqual([self.webhook(), self.webhook()], [204, 204])
        self.assertEqual(self.webhook(key="k2", secret="whsec_AAAA"), 401)
        self.assertEqual(self.webhook(key="k3", at=time.time() - 3600), 401)
        self.assertEqual(self.webhook(key="k4", account="gone"), 410)
        self.assertEqual(self.rows(), [("webhook", "shen-1", "您好")])

    def test_a_reply_that_is_lost_leaves_the_message_there(self):
        http("POST", self.url + "/control", {"mode": "drop_reply", "count": 1})
        self.assertEqual(self.wechat(), (None, None))
        self.assertEqual(len(self.rows()), 1)
        http("POST", self.url + "/control", {"mode": "drop_request", "count": 1})
        self.assertEqual(self.wechat(key="k2"), (None, None))
        self.assertEqual(len(self.rows()), 1)
