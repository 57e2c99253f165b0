"""The mail client of bodies.py: reads an INBOX, sends replies and tells what became of them. Not a program."""
import http.client
import imaplib
import json
import re
import smtplib
import urllib.parse

TIMEOUT_S = 5


class Post:
    ERRORS = (imaplib.IMAP4.error, OSError, EOFError)

    def __init__(self, smtp, imap, mail_http, account, password):
        self.smtp, self.imap, self.mail_http = smtp, imap, mail_http
        self.account, self.password = account, password
        self.inbox = None

    def new_mails(self, body):
        """(uid, bytes) of the mails that the body has not read, oldest first."""
        if not self.inbox:
            inbox = imaplib.IMAP4(*self.imap, timeout=TIMEOUT_S)
            self.inbox = inbox
            inbox.login(self.account, self.password)
            expect(inbox.select("INBOX"))
            body.mailbox_is(int(inbox.response("UIDVALIDITY")[1][0] or 0))
        after = body.last_uid
        found = expect(self.inbox.uid("SEARCH", f"UID {after + 1}:*"))[0] or b""
        # n:* names the last mail even when it is older than n.
        for uid in sorted(int(uid) for uid in found.split() if int(uid) > after):
            parts = expect(self.inbox.uid("FETCH", str(uid), "(UID BODY.PEEK[])"))
            contents = [part[1] for part in parts if isinstance(part, tuple)]
            if len(contents) != 1:
                raise imaplib.IMAP4.error("no such mail")
            yield uid, contents[0]

    def mark_seen(self, uid):
        expect(self.inbox.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Seen)"))

    def hang_up(self):
        if self.inbox:
            try:
                self.inbox.shutdown()
            except OSError:
                pass
        self.inbox = None

    def send(self, reply):
        """sent, refused (for good), unsent (for now) or unknown."""
        if reply["maybe_sent"]:
            already = self.ask(reply["message_id"])
            if already is None and self.mail_http:
                return "unknown"
            if already:
                return "sent"
        in_data = False
        try:
            with smtplib.SMTP(*self.smtp, timeout=TIMEOUT_S) as smtp:
                smtp.ehlo_or_helo_if_needed()
                check(smtp.mail(self.account))
                check(smtp.rcpt(reply["to"]))
                in_data = True
                check(smtp.data(reply["content"]))
                in_data = False
                return "sent"
        except smtplib.SMTPResponseException as error:
            if error.smtp_code < 0:
                return "unknown" if in_data else "unsent"
            return "refused" if error.smtp_code >= 500 else "unsent"
        except (smtplib.SMTPException, OSError):
            return "unknown" if in_data else "unsent"

    def ask(self, message_id):
        """Whether the mail server accepted that mail; None when it cannot be asked."""
        if not self.mail_http:
            return None
        try:
            connection = http.client.HTTPConnection(*self.mail_http, timeout=TIMEOUT_S)
            connection.request("GET", "/ledger?message_id=" + urllib.parse.quote(message_id, safe=""))
            return bool(json.loads(connection.getresponse().read()))
        except (OSError, http.client.HTTPException, ValueError):
            return None


def expect(answer):
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(re.sub(r"[^A-Z]", "", str(status)))
    return data


def check(answer):
    code, text = answer
    if code not in (250, 251):
        raise smtplib.SMTPResponseException(code, text)
