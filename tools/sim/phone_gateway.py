#!/usr/bin/python3
"""An SMS gateway over HTTP, and the phones behind it.

  phone_gateway.py --port P --ledger FILE --token-file F [--state FILE]
                   [--receipt-delay-ms 50] [--window-s 86400]

  --token-file the tokens that are good, one a line; read for each request
  --ledger   one row per accepted message: at, key, to, text, client_ref, id
  --state    the ledger of receipts (default: the ledger's name + ".receipts")
  --window-s how long an Idempotency-Key is remembered; later it is a new message

Gateway (Authorization: Bearer <token>):
  POST /v1/sms       Idempotency-Key: <key>; {"to","text","client_ref"} -> {"id","status":"accepted"}
                     400 bad_request|missing_key|invalid_number|invalid_text|rejected|duplicate_content, 401,
                     409 in_progress, 422 key_reused, 503 temporarily_unavailable
  GET  /v1/sms?client_ref=REF        -> {"messages":[{"id","client_ref","at","state"}]}
  GET  /v1/receipts?after=N&limit=M  -> {"receipts":[{"seq","id","client_ref","state","detail"}],"next"}
Numbers: ...0000 is invalid; ...0001 is accepted and its receipt says failed; ...0002 is
refused with 503 for the first two requests of each key.

Control:
  POST /control  any of these
       {"mode":M,"count":N,"delay_ms":MS}  for the next N requests of POST /v1/sms; N is 0 or none: until changed
         ok | down (connections of /v1/ are cut at once) | slow (accepts, replies after delay_ms)
         drop_reply (accepts, closes without a reply)    | drop_request (closes, accepts nothing)
         reject_temporary | reject_permanent | reject_duplicate | in_progress | say_rejected (200, yet not accepted)
       {"script":[M,...]}         one mode for each of the next requests, before the mode above
       {"receipt_delay_ms":MS}
       {"receipt_states":[S,...]} every message gets these receipts from now on; []: one, by its number
       {"add_receipts":{"count":N,"state":S,"detail_chars":C,"client_ref":R}}  without R: of somebody else's messages
       {"restart_receipts":true}  forgets all receipts and counts from 1 again
       {"ignore_limit":true}      answers all receipts at once, whatever limit asks for
  GET  /control  mode and counters: requests, accepted, replays, conflicts, refused, dropped
  GET  /ledger   all rows      GET /receipts  all receipts
  GET  /phone/<number>  what that phone shows     GET /  all phones, a page to look at
The mode and counters do not survive a restart; the ledgers do.
"""
import argparse
import asyncio
import collections
import datetime
import hmac
import html
import re
import uuid

from aiohttp import web

import simlib
from simlib import reply

REFUSALS = {"reject_temporary": (503, "temporarily_unavailable"), "reject_permanent": (400, "rejected"),
            "reject_duplicate": (400, "duplicate_content"), "in_progress": (409, "in_progress")}
MODES = ("ok", "down", "slow", "drop_reply", "drop_request", "say_rejected", *REFUSALS)
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta http-equiv="refresh" content="3">
<title>手机（模拟）</title><style>body{{font:16px sans-serif;background:#e8e8ed;margin:2em}}
section{{background:#fff;border-radius:1.5em;max-width:24em;padding:1em;margin:1em 0}}h2{{margin:.2em}}
p{{background:#e9e9eb;border-radius:1em;padding:.7em;margin:.3em 0;white-space:pre-wrap;overflow-wrap:anywhere}}
time{{color:#666;font-size:.8em}}</style><h1>手机（模拟）</h1>{phones}</html>"""


class Gateway:
    def __init__(self, args):
        self.args = args
        self.fault = simlib.Fault(MODES)
        self.script = collections.deque()
        self.receipt_delay_ms = args.receipt_delay_ms
        self.receipt_states = []
        self.ignore_limit = False
        self.counters = collections.Counter(requests=0, accepted=0, replays=0, conflicts=0, refused=0, dropped=0)
        self.ledger = simlib.Ledger(args.ledger)
        self.receipts = simlib.Ledger(args.state or args.ledger + ".receipts")
        self.keys = {row["key"]: (row, None) for row in self.ledger.rows}  # and accept() while it runs
        self.attempts = collections.Counter()
        self.seq = len(self.receipts.rows)

    def start_receipts(self):
        """Makes the receipts that a crash kept from being made."""
        made = {receipt["id"] for receipt in self.receipts.rows}
        for row in self.ledger.rows:
            if row["id"] not in made:
                asyncio.ensure_future(self.make_receipt(row))

    async def make_receipt(self, row):
        await asyncio.sleep(self.receipt_delay_ms / 1000)
        absent = is_absent(row["to"])
        for state in self.receipt_states or ["failed" if absent else "delivered"]:
            await self.add_receipt(row["id"], row["client_ref"], state, "absent_subscriber" if absent else "")

    async def add_receipt(self, message, client_ref, state, detail):
        self.seq += 1  # Rows keep the order of their append(), so no reader skips one.
        await self.receipts.append({"seq": self.seq, "id": message, "client_ref": client_ref, "state": state,
                                    "detail": detail, "at": simlib.now_text()})

    async def add_receipts(self, count, state, detail_chars=0, client_ref="other"):
        await asyncio.gather(*(self.add_receipt(f"gw-{uuid.uuid4().hex[:16]}", client_ref, state, "x" * detail_chars)
                               for _ in range(count)))

    @web.middleware
    async def guard(self, request, handler):
        if not request.path.startswith("/v1/"):
            return await handler(request)
        posting = request.method == "POST"
        self.counters["requests"] += posting
        delay = self.fault.delay_ms / 1000
        # Only messages use a count up: pollers of receipts would spoil a test's arithmetic.
        if posting:
            mode = self.script.popleft() if self.script else self.fault.take()
        else:
            mode = self.fault.mode
        if mode == "down":
            return self.cut(request, at_once=True)
        if not self.knows(request.headers.get("Authorization", "").encode()):
            return reply({"error": "unauthorized"}, 401)
        if posting and mode == "drop_request":
            await request.read()
            return self.cut(request)
        if posting and mode in REFUSALS:
            return self.refuse(*REFUSALS[mode])
        if posting and mode == "say_rejected":
            self.counters["refused"] += 1
            return reply({"id": f"gw-{uuid.uuid4().hex[:16]}", "status": "rejected"})
        response = await handler(request)
        if mode == "slow":
            await asyncio.sleep(delay)
        return self.cut(request) if posting and mode == "drop_reply" else response

    def knows(self, given):
        with open(self.args.token_file, "rb") as file:
            return any(hmac.compare_digest(given, b"Bearer " + token) for token in file.read().split())

    def cut(self, request, at_once=False):
        self.counters["dropped"] += 1
        if request.transport is not None:
            request.transport.abort() if at_once else request.transport.close()
        return web.Response()  # Goes nowhere.

    def refuse(self, status, error):
        self.counters["refused"] += 1
        return reply({"error": error}, status)

    async def post_sms(self, request):
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key:
            return self.refuse(400, "missing_key")
        try:
            body = await request.json()
            message = {name: body.get(name, "") for name in ("to", "text", "client_ref")}
        except (ValueError, AttributeError):
            return self.refuse(400, "bad_request")
        if not all(isinstance(value, str) for value in message.values()):
            return self.refuse(400, "bad_request")
        known = self.known(key)
        if known:
            return await self.replay(*known, message)
        to = message["to"]
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", to) or to.endswith("0000"):
            return self.refuse(400, "invalid_number")
        if not message["text"].strip():
            return self.refuse(400, "invalid_text")
        if to.endswith("0002"):
            self.attempts[key] += 1
            if self.attempts[key] <= 2:
                return self.refuse(503, "temporarily_unavailable")
        row = {"at": simlib.now_text(), "key": key, **message, "id": f"gw-{uuid.uuid4().hex[:16]}"}
        saving = asyncio.ensure_future(self.accept(row))
        self.keys[key] = (row, saving)
        await asyncio.shield(saving)
        return reply({"id": row["id"], "status": "accepted"})

    async def accept(self, row):
        await self.ledger.append(row)
        self.keys[row["key"]] = (row, None)
        self.counters["accepted"] += 1
        asyncio.ensure_future(self.make_receipt(row))

    def known(self, key):
        found = self.keys.get(key)
        if not found:
            return None
        age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(found[0]["at"])
        return found if age.total_seconds() < self.args.window_s else None

    async def replay(self, row, saving, message):
        if any(row[name] != value for name, value in message.items()):
            self.counters["conflicts"] += 1
            return reply({"error": "key_reused"}, 422)
        if saving:  # The first request is not on disk yet.
            await asyncio.shield(saving)
        self.counters["replays"] += 1
        return reply({"id": row["id"], "status": "accepted"})

    async def get_sms(self, request):
        ref = request.query.get("client_ref", "")
        states = {receipt["id"]: receipt["state"] for receipt in self.receipts.rows}
        return reply({"messages": [
            {"id": row["id"], "client_ref": ref, "at": row["at"], "state": states.get(row["id"], "accepted")}
            for row in self.ledger.rows if ref and row["client_ref"] == ref]})

    async def get_receipts(self, request):
        try:
            after = max(0, int(request.query.get("after", 0)))
            limit = min(1000, max(1, int(request.query.get("limit", 100))))
        except ValueError:
            return reply({"error": "bad_request"}, 400)
        rows = self.receipts.rows[after:None if self.ignore_limit else after + limit]
        names = ("seq", "id", "client_ref", "state", "detail")
        return reply({"receipts": [{name: row[name] for name in names} for row in rows],
                      "next": rows[-1]["seq"] if rows else after})

    async def control(self, request):
        if request.method == "POST":
            wanted = await simlib.json_of(request)
            if "mode" in wanted:
                self.fault.set(wanted["mode"], wanted.get("count", 0), wanted.get("delay_ms", 0))
            for mode in wanted.get("script", []):
                simlib.Fault(MODES).set(mode)
                self.script.append(mode)
            self.receipt_delay_ms = int(wanted.get("receipt_delay_ms", self.receipt_delay_ms))
            self.receipt_states = wanted.get("receipt_states", self.receipt_states)
            self.ignore_limit = bool(wanted.get("ignore_limit", self.ignore_limit))
            if wanted.get("restart_receipts"):
                self.receipts.clear()
                self.seq = 0
            await self.add_receipts(**wanted.get("add_receipts", {"count": 0, "state": ""}))
        return reply({**self.fault.view(), "receipt_delay_ms": self.receipt_delay_ms, **self.counters})

    def shown(self, number):
        """What a phone shows; a phone that is off shows nothing."""
        return [{"at": row["at"], "text": row["text"], "id": row["id"]}
                for row in self.ledger.rows if row["to"] == number and not is_absent(number)]

    async def phone(self, request):
        return reply({"number": request.match_info["number"], "messages": self.shown(request.match_info["number"])})

    async def page(self, _request):
        phones = ""
        for number in sorted({row["to"] for row in self.ledger.rows}):
            messages = "".join(f"<p>{html.escape(m['text'])}</p><time>{m['at'][:19].replace('T', ' ')} UTC</time>"
                               for m in reversed(self.shown(number)))
            phones += f"<section><h2>{html.escape(number)}</h2>{messages or '（无短信）'}</section>"
        return web.Response(text=PAGE.format(phones=phones or "<p>还没有短信。</p>"), content_type="text/html")


def is_absent(number):
    return number.endswith("0001")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--token-file", required=True)
    parser.add_argument("--state")
    parser.add_argument("--receipt-delay-ms", type=int, default=50)
    parser.add_argument("--window-s", type=float, default=86400)
    args = parser.parse_args()

    async def start():
        gateway = Gateway(args)

        async def all_rows(_request):
            return reply(gateway.ledger.rows)

        async def all_receipts(_request):
            return reply(gateway.receipts.rows)

        port = await simlib.start_http([
            web.post("/v1/sms", gateway.post_sms), web.get("/v1/sms", gateway.get_sms),
            web.get("/v1/receipts", gateway.get_receipts),
            web.post("/control", gateway.control), web.get("/control", gateway.control),
            web.get("/ledger", all_rows), web.get("/receipts", all_receipts),
            web.get("/phone/{number}", gateway.phone), web.get("/", gateway.page),
        ], args.port, [gateway.guard])
        gateway.start_receipts()
        return f"http={port}"

    simlib.run("phone_gateway", start)


if __name__ == "__main__":
    main()
