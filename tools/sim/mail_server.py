#!/usr/bin/python3
"""A small mail server: SMTP in, IMAP4rev1 out, for a handful of local accounts.

  mail_server.py --smtp-port P --imap-port P --http-port P --dir DIR --accounts FILE

  --accounts  lines "address: password"
  --dir       mails, flags and ledger.jsonl (see mail_store.py); survives kill -9

SMTP: recipients must be local accounts (550 else); AUTH PLAIN and LOGIN are checked when used.
The 250 comes after the mail and its row are fsynced. IMAP: see mail_imap.py; INBOX only.

Ledger row: at, message_id, from, to, subject, size, sha256, via (smtp or inject), duplicate, uids.
A second mail with the same Message-ID is a second row, with duplicate true. Of a mail that bounced, via is bounced, and it
is in no mailbox.

Control:
  POST /control  {"smtp":"ok|down|tempfail|drop_after_data|drop_before_store|reject|bounce","count":N}
       down               connections are closed at once (count: connections)
       tempfail, reject   451 or 554 after the data, nothing stored (count: mails; so below)
       drop_after_data    stores the mail, then closes without the 250
       drop_before_store  stores nothing, closes without a reply
       bounce             250, but the mailbox does not take it: its sender gets a report (RFC 3464)
                 {"bounces":[ADDRESS]}: from now on all mails to these bounce, which need be no accounts
                 {"imap":"ok|nil|no|cut","count":N}: what a FETCH of a body is answered (count: such FETCHes)
       nil                OK, and NIL for the body
       no                 NO
       cut                half of the body, and the connection is closed
  GET  /control   the modes, and counters: connections, accepted, duplicates, refused, dropped, bounced
  GET  /ledger    all rows; ?message_id=ID or ?to=ADDRESS for some
  GET  /mailbox/<address>  [{uid, at, from, to, subject, message_id, in_reply_to, references,
                             auto_submitted, flags, size, charset, text}]
  POST /mailbox/<address>  {"from","subject","text","in_reply_to"?,"name"?,"message_id"?,
                            "charset"?:"utf-8"|"gb18030","encoding"?:"base64"|"quoted-printable",
                            "headers"?:{}} puts a mail there -> its ledger row
                           {"raw": base64 of a whole mail, "from"?} does so with what is given
  POST /uidvalidity        makes all mailboxes anew: other UIDVALIDITY, same mails
"""
import argparse
import asyncio
import base64
import collections
import uuid

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult

import mail_imap
import mail_store
import simlib
from simlib import reply

MODES = ("ok", "down", "tempfail", "reject", "drop_after_data", "drop_before_store", "bounce")


class Smtp:
    """The hooks of aiosmtpd."""

    def __init__(self, store):
        self.store = store
        self.fault = simlib.Fault(MODES)
        self.bounces = set()
        self.reports = set()  # that are on their way
        self.counters = collections.Counter(connections=0, accepted=0, duplicates=0, refused=0, dropped=0, bounced=0)

    def connection(self):
        self.counters["connections"] += 1
        if self.fault.mode == "down":
            self.fault.take()
            self.counters["dropped"] += 1
            return Closed()
        return SMTP(self, hostname="mail.sim", ident="SMTP", enable_SMTPUTF8=True, auth_require_tls=False,
                    authenticator=self.authenticate, loop=asyncio.get_running_loop())

    def authenticate(self, _server, _session, _envelope, _mechanism, given):
        right = self.store.check(given.login.decode("utf-8", "replace"), given.password.decode("utf-8", "replace"))
        # aiosmtpd replies 535 itself when the attempt is not "handled".
        return AuthResult(success=right, handled=False)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address.lower() not in self.store.mailboxes and address.lower() not in self.bounces:
            self.counters["refused"] += 1
            return "550 5.1.1 No such mailbox"
        if address.lower() not in envelope.rcpt_tos:
            envelope.rcpt_tos.append(address.lower())
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, _session, envelope):
        mode = self.fault.take() if self.fault.mode != "down" else "ok"
        if mode in ("tempfail", "reject"):
            self.counters["refused"] += 1
            return "451 4.3.0 Try again later" if mode == "tempfail" else "554 5.7.1 Rejected"
        if mode == "drop_before_store":
            return self.drop(server)
        bounces = mode == "bounce" or self.bounces.issuperset(envelope.rcpt_tos)
        row = await self.store.accept(envelope.mail_from or "", envelope.rcpt_tos, envelope.content,
                                      "bounced" if bounces else "smtp")
        self.counters["bounced" if bounces else "accepted"] += 1
        self.counters["duplicates"] += row["duplicate"]
        if bounces:
            report = asyncio.ensure_future(self.bounce(envelope))
            self.reports.add(report)
            report.add_done_callback(self.reports.discard)
        if mode == "drop_after_data":
            return self.drop(server)
        return "250 2.0.0 Ok"

    async def bounce(self, envelope):
        """Tells the sender, as a server does that finds out after the 250 that there is no such mailbox."""
        sender = (envelope.mail_from or "").lower()
        if sender not in self.store.mailboxes:  # A bounce of a bounce, or nobody here.
            return
        await asyncio.sleep(0.5)
        for recipient in envelope.rcpt_tos:
            content = simlib.build_bounce(sender, recipient, envelope.content, f"<{uuid.uuid4()}@mail.sim>")
            await self.store.accept("", [sender], content, "inject")

    def drop(self, server):
        self.counters["dropped"] += 1
        server.transport.close()
        return "421 Never sent"


class Closed(asyncio.Protocol):
    def connection_made(self, transport):
        transport.abort()


class Control:
    def __init__(self, store, smtp):
        self.store = store
        self.smtp = smtp

    def mailbox(self, request):
        try:
            return self.store.mailboxes[request.match_info["address"].lower()]
        except KeyError:
            raise web.HTTPNotFound(text="no such mailbox\n") from None

    async def control(self, request):
        if request.method == "POST":
            wanted = await simlib.json_of(request)
            if "imap" in wanted:
                self.store.imap_fault.set(wanted["imap"], wanted.get("count", 0))
            if "bounces" in wanted:
                self.smtp.bounces = {address.lower() for address in wanted["bounces"]}
            if "smtp" in wanted or not {"imap", "bounces"} & set(wanted):
                self.smtp.fault.set(wanted.get("smtp", "ok"), wanted.get("count", 0))
        fault = self.smtp.fault
        return reply({"smtp": fault.mode, "count": fault.count, "imap": self.store.imap_fault.mode,
                      **self.smtp.counters})

    async def renew(self, _request):
        self.store.renew_uid_validity()
        return reply({"uidvalidity": self.store.uid_validity})

    async def ledger(self, request):
        message_id, to = request.query.get("message_id"), request.query.get("to")
        return reply([row for row in self.store.ledger.rows
                      if message_id in (None, row["message_id"]) and (to is None or to in row["to"])])

    async def read(self, request):
        return reply([mail_store.view(mail) for mail in self.mailbox(request).mails])

    async def inject(self, request):
        self.mailbox(request)
        wanted = await simlib.json_of(request)
        address = request.match_info["address"].lower()
        if "raw" in wanted:
            try:
                content = base64.b64decode(wanted["raw"], validate=True)
            except ValueError as error:
                raise web.HTTPBadRequest(text=f"{error}\n") from None
            return reply(await self.store.accept(wanted.get("from", ""), [address], content, "inject"))
        parent = wanted.get("in_reply_to", "")
        try:
            content = simlib.build_mail(
                wanted["from"], address, wanted["subject"], wanted["text"],
                wanted.get("message_id") or f"<{uuid.uuid4()}@{wanted['from'].rpartition('@')[2]}>",
                wanted.get("charset", "utf-8"), wanted.get("encoding", "base64"), wanted.get("name", ""),
                {"In-Reply-To": parent, "References": parent, **wanted.get("headers", {})})
        except (KeyError, LookupError, UnicodeError) as error:
            raise web.HTTPBadRequest(text=f"{type(error).__name__}: {error}\n") from None
        return reply(await self.store.accept(wanted["from"], [address], content, "inject"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag in ("--smtp-port", "--imap-port", "--http-port"):
        parser.add_argument(flag, type=int, required=True)
    parser.add_argument("--dir", required=True)
    parser.add_argument("--accounts", required=True)
    args = parser.parse_args()

    async def start():
        store = mail_store.Store(args.dir, args.accounts)
        smtp = Smtp(store)
        control = Control(store, smtp)
        loop = asyncio.get_running_loop()
        smtp_server = await loop.create_server(smtp.connection, simlib.HOST, args.smtp_port)
        imap_server = await asyncio.start_server(
            lambda reader, writer: mail_imap.Session(store, reader, writer).run(), simlib.HOST, args.imap_port)
        http = await simlib.start_http([
            web.post("/control", control.control), web.get("/control", control.control),
            web.get("/ledger", control.ledger), web.post("/uidvalidity", control.renew),
            web.get("/mailbox/{address}", control.read), web.post("/mailbox/{address}", control.inject),
        ], args.http_port)
        ports = [server.sockets[0].getsockname()[1] for server in (smtp_server, imap_server)]
        main.servers = (smtp_server, imap_server)  # Referenced for as long as they serve.
        return f"smtp={ports[0]} imap={ports[1]} http={http}"

    simlib.run("mail_server", start)


if __name__ == "__main__":
    main()
