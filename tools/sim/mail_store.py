"""The mailboxes of mail_server.py. Not a program.

  DIR/ledger.jsonl         one row per accepted mail; the row is what accepts it
  DIR/uidvalidity          of all mailboxes, made once
  DIR/<address>/<uid>.eml  the mail as IMAP gives it
  DIR/<address>/flags      one row per change of flags

A mail's files are fsynced before its row, so a mailbox is what the ledger says it is and
files without a row are of mails nobody was promised.
"""
import asyncio
import email
import email.policy
import hashlib
import os
import time

import simlib


class Mail:
    def __init__(self, mailbox, uid, at):
        self.uid = uid
        self.at = at
        self.path = os.path.join(mailbox.directory, f"{uid}.eml")
        self.size = os.path.getsize(self.path)
        self.flags = set()

    def read(self):
        with open(self.path, "rb") as file:
            return file.read()


class Mailbox:
    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        self.mails = []  # By uid, without gaps: nothing is ever expunged.
        self.flags = simlib.Ledger(os.path.join(directory, "flags"))

    @property
    def uid_next(self):
        return len(self.mails) + 1

    async def set_flags(self, mail, flags):
        if flags != mail.flags:
            mail.flags = flags
            await self.flags.append({"uid": mail.uid, "flags": sorted(flags)})


class Store:
    def __init__(self, directory, accounts_file):
        self.passwords = read_accounts(accounts_file)
        os.makedirs(directory, exist_ok=True)
        self.ledger = simlib.Ledger(os.path.join(directory, "ledger.jsonl"))
        self.validity_file = os.path.join(directory, "uidvalidity")
        self.uid_validity = self._uid_validity(self.validity_file)
        self.imap_fault = simlib.Fault(("ok", "nil", "no", "cut"))
        self.mailboxes = {address: Mailbox(os.path.join(directory, address)) for address in self.passwords}
        simlib.sync_directory(directory)
        for row in self.ledger.rows:
            self._show(row)
        for mailbox in self.mailboxes.values():
            for row in mailbox.flags.rows:
                mailbox.mails[row["uid"] - 1].flags = set(row["flags"])
        self.seen_ids = {row["message_id"] for row in self.ledger.rows}
        self.lock = asyncio.Lock()

    @staticmethod
    def _uid_validity(path):
        if not os.path.exists(path):
            simlib.write_file(path, str(int(time.time())).encode())
        with open(path, encoding="ascii") as file:
            return int(file.read())

    def renew_uid_validity(self):
        self.uid_validity += 1
        simlib.write_file(self.validity_file, str(self.uid_validity).encode())

    def _show(self, row):
        for address, uid in row["uids"].items():
            if address in self.mailboxes:
                self.mailboxes[address].mails.append(Mail(self.mailboxes[address], uid, row["at"]))

    def check(self, address, password):
        return bool(password) and self.passwords.get(address.lower()) == password

    async def accept(self, sender, recipients, content, via):
        """Stores one mail for local recipients; returns its row, which is on disk then."""
        # A client that hangs up must not stop half of it.
        return await asyncio.shield(asyncio.ensure_future(self._accept(sender, recipients, content, via)))

    async def _accept(self, sender, recipients, content, via):
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        async with self.lock:  # A reader who saw uid N must never find a smaller one later.
            at = simlib.now_text()
            message_id = str(parsed.get("Message-ID", "")).strip()
            trace = f"Return-Path: <{sender}>\r\nReceived: by mail.sim ({via}); {at}\r\n"
            if not message_id and via != "inject":  # As a submission server does; what comes from afar keeps its lack.
                message_id = f"<{len(self.ledger.rows) + 1}.{self.uid_validity}@mail.sim>"
                trace += f"Message-ID: {message_id}\r\n"
            into = [] if via == "bounced" else recipients
            uids = {address: self.mailboxes[address].uid_next for address in into}
            row = {
                "at": at, "message_id": message_id, "from": sender, "to": recipients,
                "subject": str(parsed.get("Subject", "")), "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(), "via": via,
                "duplicate": bool(message_id) and message_id in self.seen_ids, "uids": uids}
            data = trace.encode("ascii", "replace") + content
            await asyncio.get_running_loop().run_in_executor(None, self._write, uids, data)
            await self.ledger.append(row)
            self.seen_ids.add(message_id)
            self._show(row)
            return row

    def _write(self, uids, data):
        for address, uid in uids.items():
            simlib.write_file(os.path.join(self.mailboxes[address].directory, f"{uid}.eml"), data)


def read_accounts(path):
    """address: password, a line each. Not a YAML parser: a password of digits is text."""
    accounts = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            address, colon, password = line.strip().partition(":")
            if colon and not address.startswith("#"):
                accounts[address.strip().strip("'\"").lower()] = password.strip().strip("'\"")
    return accounts


def view(mail):
    """A mail as JSON, decoded as a person would read it."""
    parsed = email.message_from_bytes(mail.read(), policy=email.policy.default)
    part = parsed.get_body(("plain", "html"))
    try:
        text = part.get_content() if part else ""
    except (LookupError, UnicodeError):
        text = part.get_payload(decode=True).decode("utf-8", "replace")
    headers = {name.replace("-", "_").lower(): str(parsed.get(name, "")) for name in (
        "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted")}
    return {"uid": mail.uid, "at": mail.at, **headers, "flags": sorted(mail.flags), "size": mail.size,
            "charset": part.get_content_charset("") if part else "", "text": text.replace("\r\n", "\n")}
