"""What the simulators share: durable ledgers, fault modes, HTTP control, mail building, start and stop.

Not a program. Every simulator is crash-only: what it promised is on disk before it
replies, so SIGTERM may end it at any moment, and so may kill -9.
"""
import asyncio
import base64
import datetime
import email
import json
import logging
import os
import quopri
import signal
import sys
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime

from aiohttp import web

HOST = "127.0.0.1"


def now_text():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")


def dumps(value):
    return json.dumps(value, ensure_ascii=False)


def reply(value, status=200, **more):
    return web.json_response(value, status=status, dumps=dumps, **more)


def host_port(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def sync_directory(path):
    fd = os.open(path or ".", os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_file(path, data):
    """Replaces a file so that a crash leaves the old or the new content, never a mixture."""
    temporary = path + ".tmp"
    with open(temporary, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, path)
    sync_directory(os.path.dirname(path))


class Ledger:
    """JSON lines; append() returns when the row is fsynced. Rows that meet share one fsync."""

    def __init__(self, path):
        directory = os.path.dirname(path)
        if directory:
            os.makedirs(directory, exist_ok=True)
        self.file = open(path, "a+b")
        sync_directory(directory)
        self.rows = self._load()
        self.waiting = []
        self.flusher = None

    def _load(self):
        self.file.seek(0)
        data = self.file.read()
        whole = data[:data.rfind(b"\n") + 1]
        if len(whole) < len(data):  # The row that a crash tore was never answered.
            self.file.truncate(len(whole))
        return [json.loads(line) for line in whole.splitlines()]

    def clear(self):
        """Forgets all rows."""
        self.file.truncate(0)
        self.rows.clear()

    async def append(self, row):
        done = asyncio.get_running_loop().create_future()
        self.waiting.append((row, done))
        if self.flusher is None:
            self.flusher = asyncio.ensure_future(self._flush())
        # A client that goes away must not take back a row that others may share.
        await asyncio.shield(done)

    async def _flush(self):
        loop = asyncio.get_running_loop()
        try:
            while self.waiting:
                batch, self.waiting = self.waiting, []
                data = b"".join(dumps(row).encode() + b"\n" for row, _ in batch)
                await loop.run_in_executor(None, self._write, data)
                for row, done in batch:
                    self.rows.append(row)
                    done.set_result(None)
        except OSError as error:  # Without its ledger a simulator must not answer.
            print(f"ledger: {error.strerror}", file=sys.stderr, flush=True)
            os._exit(1)
        finally:
            self.flusher = None

    def _write(self, data):
        self.file.write(data)
        self.file.flush()
        os.fsync(self.file.fileno())


class Fault:
    """A mode that holds for `count` uses, or until changed when count is 0."""

    def __init__(self, modes):
        self.modes = modes
        self.mode = "ok"
        self.count = 0
        self.delay_ms = 0

    def set(self, mode, count=0, delay_ms=0):
        if mode not in self.modes:
            raise web.HTTPBadRequest(text=f"mode is one of {'|'.join(self.modes)}\n")
        self.mode, self.count, self.delay_ms = mode, int(count), int(delay_ms)

    def take(self):
        """The mode for this use; uses it up."""
        mode = self.mode
        if self.count:
            self.count -= 1
            if not self.count:
                self.mode = "ok"
        return mode

    def view(self):
        return {"mode": self.mode, "count": self.count, "delay_ms": self.delay_ms}


async def json_of(request):
    try:
        value = await request.json()
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise web.HTTPBadRequest(text="the body is no JSON object\n")
    return value


async def start_http(routes, port, middlewares=()):
    """Serves the routes; returns the port (a free one for port 0)."""
    app = web.Application(middlewares=middlewares, client_max_size=64 << 20)  # A mail with scans.
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None)  # Access logs would name people's numbers.
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    await site.start()
    return runner.addresses[0][1]


def run(name, start):
    """Runs start(), which returns what the ready line says, until SIGTERM or SIGINT; exits 0."""
    for logger in ("mail.log", "asyncio"):  # Below errors aiosmtpd writes addresses.
        logging.getLogger(logger).setLevel(logging.ERROR)

    async def main():
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        print("ready", name, await start(), flush=True)
        await stop.wait()
        sys.stdout.flush()
        os._exit(0)  # Crash-only: nothing is left to save.

    try:
        asyncio.run(main())
    except OSError as error:
        sys.exit(f"{name}: {error.strerror or error}")


def build_bounce(to, recipient, content, message_id):
    """A report that `content` never reached `recipient` (RFC 3464), as bytes."""
    report = MIMEMultipart("report", **{"report-type": "delivery-status"})
    report["From"], report["To"] = "Mail Delivery System <MAILER-DAEMON@mail.sim>", to
    report["Subject"], report["Message-ID"] = "Undelivered Mail Returned to Sender", message_id
    report["Date"] = format_datetime(datetime.datetime.now(datetime.timezone.utc))
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText(f"Your mail to <{recipient}> could not be delivered: no such mailbox.\n"))
    status = MIMEBase("message", "delivery-status")
    status.set_payload([email.message_from_string(fields) for fields in (
        "Reporting-MTA: dns; mail.sim\n\n",
        f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such mailbox\n\n")])
    report.attach(status)
    report.attach(MIMEMessage(email.message_from_bytes(content)))
    return report.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def build_mail(sender, to, subject, text, message_id, charset="utf-8", encoding="base64", name="", headers=None):
    """A text mail as bytes: RFC 2047 headers, base64 or quoted-printable body, CRLF lines."""
    body = "\r\n".join(text.splitlines()).encode(charset) + b"\r\n"
    if encoding == "base64":
        body = base64.encodebytes(body)
    else:
        body = quopri.encodestring(body.replace(b"\r\n", b"\n"))
    shown = f"{Header(name, charset).encode()} <{sender}>" if name else sender
    fields = {
        "From": shown,
        "To": to,
        "Subject": subject if subject.isascii() else Header(subject, charset, header_name="Subject").encode(),
        "Date": format_datetime(datetime.datetime.now(datetime.timezone.utc)),
        "Message-ID": message_id,
        **(headers or {}),
        "MIME-Version": "1.0",
        "Content-Type": f'text/plain; charset="{charset}"',
        "Content-Transfer-Encoding": encoding,
    }
    head = "".join(f"{field}: {value}\n" for field, value in fields.items() if value)
    return (head.encode("ascii") + b"\n" + body).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
