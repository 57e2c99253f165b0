#!/usr/bin/python3
"""WeChat's template messages, and a system of the district that takes webhooks, over HTTP.

  push_gateway.py --port P --ledger FILE --token-file F --secret-file F

  --token-file   access tokens of the account that are good, one a line; read for each request
  --secret-file  secrets that webhooks may be signed with ("whsec_..."), one a line; read for each request
  --ledger       one row per message taken: at, channel, key, to, text

WeChat: POST /cgi-bin/message/template/send?access_token=T  {"touser","template_id","client_msg_id","data"}
        -> {"errcode":0,"msgid":N}; the same client_msg_id and touser again is not a second message
        40001 wrong token, 40003 an openid that does not begin with "o", 43004 one that ends in "Gone", 47001 no such body
Webhook (Standard Webhooks 1.0): POST /webhooks  {"type","timestamp","data":{"account","case","text"}}
        -> 204; the same webhook-id again is not a second message
        400 no such body, 401 no good signature or a timestamp of another time, 410 an account that ends in "gone"

Control:
  POST /control {"mode":M,"count":N}  for the next N messages; N is 0 or none: until changed
       ok | drop_reply (takes it, closes without a reply) | drop_request (closes, takes nothing) | unavailable (503)
  GET  /control  the mode     GET /ledger  all rows
The mode does not survive a restart; the ledger does.
"""
import argparse
import base64
import hashlib
import hmac
import json
import time

from aiohttp import web

import simlib
from simlib import reply

MODES = ("ok", "drop_reply", "drop_request", "unavailable")
TOLERANCE_S = 300


def lines_of(path):
    with open(path, encoding="utf-8") as text:
        return [line.strip() for line in text if line.strip()]


def key_of(secret):
    return base64.b64decode(secret[len("whsec_"):]) if secret.startswith("whsec_") else secret.encode()


def signed_by(secret, message_id, timestamp, body):
    digest = hmac.new(key_of(secret), f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def object_of(body):
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


class Gateway:
    def __init__(self, args):
        self.args = args
        self.fault = simlib.Fault(MODES)
        self.ledger = simlib.Ledger(args.ledger)
        self.taken = {(row["channel"], row["key"], row["to"]): row for row in self.ledger.rows}

    async def take(self, request, channel, key, to, text, answer):
        """Takes a message once per key, as the mode says."""
        mode = self.fault.take()
        if mode == "unavailable":
            return reply({"errcode": -1, "errmsg": "system error"}, 503)
        if mode != "drop_request" and (channel, key, to) not in self.taken:
            row = {"at": simlib.now_text(), "channel": channel, "key": key, "to": to, "text": text}
            self.taken[channel, key, to] = row
            await self.ledger.append(row)
        if mode in ("drop_reply", "drop_request"):
            request.transport.abort()
        return answer()

    async def wechat(self, request):
        if request.query.get("access_token") not in lines_of(self.args.token_file):
            return reply({"errcode": 40001, "errmsg": "invalid credential"})
        wanted = object_of(await request.read())
        key, to, data = wanted.get("client_msg_id"), wanted.get("touser"), wanted.get("data")
        if not key or not wanted.get("template_id") or not isinstance(data, dict):
            return reply({"errcode": 47001, "errmsg": "data format error"})
        if not isinstance(to, str) or not to.startswith("o"):
            return reply({"errcode": 40003, "errmsg": "invalid openid"})
        if to.endswith("Gone"):
            return reply({"errcode": 43004, "errmsg": "require subscribe"})
        text = "\n".join(str(field.get("value", "")) for field in data.values() if isinstance(field, dict))
        return await self.take(request, "wechat", key, to, text,
                               lambda: reply({"errcode": 0, "errmsg": "ok", "msgid": len(self.ledger.rows)}))

    def is_signed(self, request, body):
        key, timestamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
        if not key or not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
            return False
        said = request.headers.get("webhook-signature", "").split(" ")
        return any(hmac.compare_digest(signed_by(secret, key, timestamp, body), one)
                   for secret in lines_of(self.args.secret_file) for one in said)

    async def webhook(self, request):
        body = await request.read()
        if not self.is_signed(request, body):
            return reply({"error": "signature"}, 401)
        data = object_of(body).get("data")
        if not isinstance(data, dict) or not data.get("account") or not data.get("text"):
            return reply({"error": "bad_request"}, 400)
        if data["account"].endswith("gone"):
            return reply({"error": "gone"}, 410)
        return await self.take(request, "webhook", request.headers["webhook-id"], data["account"], data["text"],
                               lambda: web.Response(status=204))

    async def control(self, request):
        if request.method == "POST":
            wanted = await simlib.json_of(request)
            self.fault.set(wanted.get("mode", "ok"), wanted.get("count", 0))
        return reply(self.fault.view())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--token-file", required=True)
    parser.add_argument("--secret-file", required=True)
    args = parser.parse_args()

    async def start():
        gateway = Gateway(args)

        async def all_rows(_request):
            return reply(gateway.ledger.rows)

        port = await simlib.start_http([
            web.post("/cgi-bin/message/template/send", gateway.wechat), web.post("/webhooks", gateway.webhook),
            web.post("/control", gateway.control), web.get("/control", gateway.control), web.get("/ledger", all_rows),
        ], args.port)
        return f"http={port}"

    simlib.run("push_gateway", start)


if __name__ == "__main__":
    main()
