"""The IMAP4rev1 side of mail_server.py: one INBOX per account. Not a program.

Commands: CAPABILITY NOOP LOGOUT ID LOGIN AUTHENTICATE(PLAIN) LIST LSUB STATUS SELECT EXAMINE
CHECK CLOSE UNSELECT, [UID] SEARCH, [UID] FETCH, [UID] STORE. Nothing deletes a mail.
FETCH knows UID FLAGS INTERNALDATE RFC822[.SIZE|.HEADER|.TEXT] BODY[.PEEK][section]<partial>,
section: empty, HEADER, HEADER.FIELDS [.NOT] (...), TEXT. Anything else is answered BAD.
SEARCH knows ALL, sets, UID, flags (SEEN, UNSEEN, NEW, RECENT, KEYWORD...), HEADER, FROM, TO, SUBJECT,
BODY, TEXT, SINCE/BEFORE/ON, NOT, OR and parentheses.
"""
import base64
import binascii
import re

from imap_syntax import FLAGS, Bad, fetch_item, number_set, search_key, split

CAPABILITY = "CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+ ID UNSELECT"
MAX_LITERAL = 1 << 20


class Hangup(Exception):
    """The client is gone or too wild to go on with."""


class Session:
    def __init__(self, store, reader, writer):
        self.store, self.reader, self.writer = store, reader, writer
        self.address = None
        self.mailbox = None
        self.read_only = False
        self.known = 0  # How many mails the client was told of; its view of the mailbox.

    async def run(self):
        try:
            self.send(f"* OK [{CAPABILITY}] mail.sim ready")
            while await self.command():
                await self.writer.drain()
            await self.writer.drain()
        except (Hangup, OSError, EOFError):
            pass
        finally:
            self.writer.close()

    def send(self, line):
        self.writer.write(line.encode() + b"\r\n")

    async def line(self):
        try:
            line = await self.reader.readuntil(b"\n")
        except Exception as error:  # Cut off, or a line without end.
            raise Hangup from error
        return line.rstrip(b"\r\n")

    async def tokens(self):
        """One command as a list of strings, literals included; [] for an empty line."""
        found = []
        size = 0
        while True:
            line = await self.line()
            literal = re.search(rb"\{(\d+)(\+?)\}$", line)
            found += split(line[:literal.start()] if literal else line)
            if not literal:
                return found
            size += int(literal[1]) + len(line)
            if size > MAX_LITERAL:
                raise Hangup
            if not literal[2]:
                self.send("+ go on")
                await self.writer.drain()
            found.append((await self.reader.readexactly(int(literal[1]))).decode("utf-8", "replace"))

    async def command(self):
        """Serves one command; False after the last."""
        try:
            tag, name, *args = await self.tokens()
        except ValueError:
            self.send("* BAD no command")
            return True
        name = name.upper()
        if name == "UID" and args:
            name = "UID " + args.pop(0).upper()
        try:
            status = await self.dispatch(name, args)
        except (Bad, IndexError, ValueError) as error:
            status = f"BAD {name} not understood: {type(error).__name__}"
        if self.mailbox and name.split()[-1] not in ("FETCH", "STORE", "SEARCH"):
            self.tell_news()
        self.send(f"{tag} {status}")
        return name != "LOGOUT"

    def tell_news(self):
        if len(self.mailbox.mails) != self.known:
            self.known = len(self.mailbox.mails)
            self.send(f"* {self.known} EXISTS")

    async def dispatch(self, name, args):
        if name == "CAPABILITY":
            self.send("* " + CAPABILITY)
        elif name == "LOGOUT":
            self.send("* BYE")
        elif name == "ID":
            self.send("* ID NIL")
        elif name in ("LOGIN", "AUTHENTICATE"):
            return await self.log_in(name, args)
        elif name == "NOOP":
            pass
        elif not self.address:
            return "NO log in first"
        elif name in ("LIST", "LSUB"):
            if args[1] == "":
                self.send(f'* {name} (\\Noselect) "/" ""')
            elif re.fullmatch(r"[*%]|INBOX[*%]?", args[1], re.I):
                self.send(f'* {name} () "/" INBOX')
        elif name in ("SELECT", "EXAMINE", "STATUS"):
            if args[0].upper() != "INBOX":
                return "NO [NONEXISTENT] there is only INBOX"
            if name == "STATUS":
                return self.status([item.upper() for item in args[1:] if item not in "()"])
            return self.select(name)
        elif not self.mailbox:
            return "BAD select a mailbox first"
        elif name in ("CLOSE", "UNSELECT"):
            self.mailbox = None
        elif name in ("SEARCH", "UID SEARCH"):
            self.search(args, name.startswith("UID"))
        elif name in ("FETCH", "UID FETCH"):
            return await self.fetch(args, name.startswith("UID"))
        elif name in ("STORE", "UID STORE"):
            if self.read_only:
                return "NO read only"
            await self.store_flags(args, name.startswith("UID"))
        elif name != "CHECK":
            return f"BAD {name} is not known here"
        return f"OK {name} done"

    async def log_in(self, name, args):
        if name == "LOGIN":
            address, password = args
        else:
            if args[0].upper() != "PLAIN":
                return "NO only PLAIN"
            if len(args) > 1:
                given = args[1]
            else:
                self.send("+ ")
                await self.writer.drain()
                given = (await self.line()).decode("ascii", "replace")
            if given == "*":
                return "BAD given up"
            try:
                _, address, password = base64.b64decode(given, validate=True).decode().split("\0")
            except (binascii.Error, UnicodeError, ValueError):
                return "BAD not PLAIN"
        if not self.store.check(address, password):
            return "NO [AUTHENTICATIONFAILED] wrong address or password"
        self.address = address.lower()
        return f"OK [{CAPABILITY}] logged in"

    def status(self, items):
        mailbox = self.store.mailboxes[self.address]
        unseen = sum("\\Seen" not in mail.flags for mail in mailbox.mails)
        values = {"MESSAGES": len(mailbox.mails), "RECENT": 0, "UNSEEN": unseen, "UIDNEXT": mailbox.uid_next,
                  "UIDVALIDITY": self.store.uid_validity}
        if not items or not set(items) <= set(values):
            raise Bad
        self.send(f"* STATUS INBOX ({' '.join(f'{item} {values[item]}' for item in items)})")
        return "OK STATUS done"

    def select(self, name):
        self.mailbox = self.store.mailboxes[self.address]
        self.read_only = name == "EXAMINE"
        self.known = len(self.mailbox.mails)
        flags = " ".join(FLAGS.values())
        self.send(f"* {self.known} EXISTS\r\n* 0 RECENT\r\n* FLAGS ({flags})")
        self.send(f"* OK [PERMANENTFLAGS ({'' if self.read_only else flags + ' ' + chr(92) + '*'})] flags")
        unseen = next((i + 1 for i, mail in enumerate(self.mailbox.mails) if "\\Seen" not in mail.flags), 0)
        if unseen:
            self.send(f"* OK [UNSEEN {unseen}] first unseen")
        self.send(f"* OK [UIDVALIDITY {self.store.uid_validity}] UIDs valid")
        self.send(f"* OK [UIDNEXT {self.mailbox.uid_next}] next UID")
        return f"OK [{'READ-ONLY' if self.read_only else 'READ-WRITE'}] {name} done"

    def chosen(self, text):
        """The mails of a set, by number or UID: both are the same here, for nothing is expunged."""
        wanted = number_set(text, self.known)
        return [mail for mail in self.mailbox.mails[:self.known] if mail.uid in wanted]

    def search(self, args, by_uid):
        del by_uid  # Numbers and UIDs are equal.
        self.tell_news()
        if args[:1] and args[0].upper() == "CHARSET":
            args = args[2:]
        if not args:
            raise Bad
        tests = []
        args = list(args)
        while args:
            tests.append(search_key(args, self.known))
        found = [str(mail.uid) for mail in self.mailbox.mails[:self.known] if all(test(mail) for test in tests)]
        self.send(" ".join(["* SEARCH"] + found))

    async def fetch(self, args, by_uid):
        if by_uid:
            self.tell_news()
        items = [item for item in args[1:] if item not in ("(", ")")]
        if len(items) == 1 and items[0].upper() == "FAST":
            items = ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]
        if not items:
            raise Bad
        if by_uid and "UID" not in (item.upper() for item in items):
            items.insert(0, "UID")
        plans = [fetch_item(item) for item in items]  # Before the first reply: all or BAD.
        body = next((item for item in items if item.upper().startswith("BODY")), None)
        fault = self.store.imap_fault.take() if body and self.chosen(args[0]) else "ok"
        if fault == "no":
            return "NO [UNAVAILABLE] the mail is not to be had now"
        if fault == "nil":
            for mail in self.chosen(args[0]):
                self.send(f"* {mail.uid} FETCH (UID {mail.uid} BODY[] NIL)")
            return "OK FETCH done"
        for mail in self.chosen(args[0]):
            parts = [make(mail) for make, _ in plans]
            if not self.read_only and any(seen for _, seen in plans) and "\\Seen" not in mail.flags:
                await self.mailbox.set_flags(mail, mail.flags | {"\\Seen"})
                parts.append(b"FLAGS (" + " ".join(sorted(mail.flags)).encode() + b")")
            line = b"* %d FETCH (" % mail.uid + b" ".join(parts) + b")\r\n"
            if fault == "cut":
                self.writer.write(line[:len(line) // 2])
                raise Hangup
            self.writer.write(line)
            await self.writer.drain()
        return "OK FETCH done"

    async def store_flags(self, args, by_uid):
        how = re.fullmatch(r"([+-]?)FLAGS(\.SILENT)?", args[1], re.I)
        if not how:
            raise Bad
        given = {FLAGS.get(flag[1:].upper(), flag) for flag in args[2:] if flag not in ("(", ")")}
        for mail in self.chosen(args[0]):
            flags = mail.flags | given if how[1] == "+" else mail.flags - given if how[1] else given
            await self.mailbox.set_flags(mail, flags)
            if not how[2]:
                uid = f"UID {mail.uid} " if by_uid else ""
                self.send(f"* {mail.uid} FETCH ({uid}FLAGS ({' '.join(sorted(mail.flags))}))")
