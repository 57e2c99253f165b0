"""Tests of mail_server.py and bodies.py; test_sims.py runs them."""
import base64
import os
import smtplib
import socket
import time

import yaml

from sim_case import ARCHIVE, BODIES, WINDOW, MailCase, http, until


class MailTest(MailCase):
    def test_curl_reads_and_marks(self):
        process = self.mail_server()
        for number in range(1, 4):
            self.send(f"<{number}@x>", text=f"text {number}\r\n..dots")
        self.assertEqual(self.curl("/INBOX?ALL"), (0, "* SEARCH 1 2 3\r\n"))
        self.assertEqual(self.curl("/INBOX", "-X", "UID SEARCH UID 2:*")[1], "* SEARCH 2 3\r\n")
        self.assertEqual(self.curl("/INBOX", "-X", "UID SEARCH UID 5:*")[1], "* SEARCH 3\r\n")
        status, mail = self.curl("/INBOX/;UID=1")
        self.assertEqual(status, 0)
        self.assertIn("Message-ID: <1@x>", mail)
        self.assertTrue(mail.endswith("text 1\r\n..dots\r\n"), mail)
        self.assertEqual(self.curl("/INBOX?UNSEEN")[1], "* SEARCH 2 3\r\n")
        self.assertIn("FLAGS (\\Seen)", self.curl("/INBOX", "-X", "UID STORE 2 +FLAGS (\\Seen)")[1])
        peeked = self.curl("/INBOX", "-v", "-X", "UID FETCH 3 (FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        self.assertIn("FLAGS () RFC822.SIZE", peeked[1])
        self.kill(process)
        self.mail_server()
        self.assertEqual(self.curl("/INBOX?UNSEEN")[1], "* SEARCH 3\r\n")
        self.assertEqual(self.curl("/INBOX?SUBJECT%20s")[1], "* SEARCH 1 2 3\r\n")
        self.assertEqual(self.curl("/INBOX?ALL", user=f"{ARCHIVE}:pw2")[1], "* SEARCH\r\n")
        self.assertEqual(self.curl("/INBOX?ALL", user=f"{WINDOW}:no")[0], 67)
        self.assertIn("* LIST () ", self.curl("/")[1])
        self.assertNotEqual(self.curl("/Sent?ALL")[0], 0)

    def test_session(self):
        self.mail_server()
        self.send()
        with socket.create_connection(("127.0.0.1", self.ports["imap"]), 5) as connection:
            stream = connection.makefile("rwb")

            def say(line):
                tag = line.split()[0].encode()
                stream.write(line.encode() + b"\r\n")
                stream.flush()
                lines = [stream.readline()]
                while lines[-1] and not lines[-1].startswith((tag, b"+")):
                    lines.append(stream.readline())
                return b"".join(lines).decode()

            stream.readline()
            self.assertIn("a NO", say("a SELECT INBOX"))
            self.assertIn("+", say(f"b LOGIN {{{len(WINDOW)}}}"))
            stream.write(WINDOW.encode() + b' "pw1"\r\n')
            stream.flush()
            self.assertIn(b"b OK", stream.readline())
            chosen = say("c EXAMINE INBOX")
            self.assertRegex(chosen, r"\* 1 EXISTS(.|\n)*\[UIDVALIDITY \d+\](.|\n)*\[UIDNEXT 2\]")
            say("d UID FETCH 1 BODY[]")
            self.assertEqual(say("e SEARCH UNSEEN").splitlines()[0], "* SEARCH 1")
            self.assertIn("f NO", say("f STORE 1 +FLAGS (\\Seen)"))
            self.send("<2@x>")
            self.assertIn("* 2 EXISTS", say("g NOOP"))
            self.assertIn("h BAD", say('h UID FETCH 1 (ENVELOPE)'))
            self.assertIn("i BAD", say('i SEARCH "open'))
            self.assertIn("BODY[]<0> {4}\r\nRetu", say("j UID FETCH 1 (BODY.PEEK[]<0.4>)"))
            self.assertIn("* BYE", say("k LOGOUT"))

    def test_smtp_faults(self):
        process = self.mail_server()
        with self.assertRaises(smtplib.SMTPRecipientsRefused):
            self.send(to="nobody@hall.example")
        http("POST", self.url + "/control", {"smtp": "tempfail", "count": 1})
        with self.assertRaises(smtplib.SMTPDataError) as raised:
            self.send()
        self.assertEqual(raised.exception.smtp_code, 451)
        for mode, stored in (("drop_before_store", 0), ("drop_after_data", 1), ("down", 1)):
            http("POST", self.url + "/control", {"smtp": mode, "count": 1})
            with self.assertRaises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
                self.send()
            self.assertEqual(len(self.rows()), stored, mode)
        self.send()
        self.kill(process)
        self.mail_server()
        self.assertEqual([(row["message_id"], row["duplicate"]) for row in self.rows()],
                         [("<1@x>", False), ("<1@x>", True)])
        self.assertEqual(len(self.mails()), 2)

    def test_injected_mail(self):
        self.mail_server()
        for charset in ("gb18030", "utf-8"):
            http("POST", f"{self.url}/mailbox/{WINDOW}", {
                "from": ARCHIVE, "name": "赵师傅", "subject": "回复：关于火化证明补办档案查询的函" * 4 + "[XXT-ABCD1234]",
                "text": "已查到档案\n㐀", "in_reply_to": "<q@x>", "charset": charset})
        for mail in self.mails():
            self.assertEqual(mail["text"], "已查到档案\n㐀\n")
            self.assertEqual(mail["subject"], "回复：关于火化证明补办档案查询的函" * 4 + "[XXT-ABCD1234]")
            self.assertEqual((mail["from"], mail["in_reply_to"]), (f"赵师傅 <{ARCHIVE}>", "<q@x>"))
        self.assertRegex(self.curl("/INBOX/;UID=1")[1], r'charset="gb18030"(.|\n)*base64\r\n\r\n0tGy6bW9')


    def test_bounce(self):
        self.mail_server()
        http("POST", self.url + "/control", {"smtp": "bounce", "count": 1})
        self.send("<1@x>", to=ARCHIVE)
        mail, = until(self.mails, "bounce")
        self.assertEqual(self.mails(ARCHIVE), [])
        self.assertIn("no such mailbox", mail["text"])
        raw = self.curl("/INBOX/;UID=1")[1]
        self.assertTrue(raw.startswith("Return-Path: <>"), raw)
        self.assertIn(f"Final-Recipient: rfc822; {ARCHIVE}\r\nAction: failed\r\nStatus: 5.1.1", raw)
        self.assertIn("Message-ID: <1@x>", raw)
        self.assertEqual([(row["via"], row["message_id"], row["uids"]) for row in self.rows()][0], ("bounced", "<1@x>", {}))

    def test_addresses_that_bounce(self):
        self.mail_server()
        http("POST", self.url + "/control", {"bounces": ["Gone@else.example"]})
        self.send("<1@x>", to="gone@else.example")
        self.send("<2@x>", to=ARCHIVE)
        http("POST", self.url + "/control", {"smtp": "drop_after_data", "count": 1})
        with self.assertRaises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
            self.send("<3@x>", to="gone@else.example")
        until(lambda: len(self.mails()) == 2, "two bounces")
        self.assertEqual([row["message_id"] for row in self.rows() if row["via"] == "bounced"], ["<1@x>", "<3@x>"])
        self.assertEqual(len(self.mails(ARCHIVE)), 1)

    def test_raw_mail_and_imap_faults(self):
        self.mail_server()
        raw = base64.b64encode(b"Subject: raw\r\n\r\nbody\r\n").decode()
        http("POST", f"{self.url}/mailbox/{WINDOW}", {"raw": raw})
        http("POST", f"{self.url}/mailbox/{WINDOW}", {"raw": raw})
        self.assertEqual([(row["message_id"], row["duplicate"]) for row in self.rows()], [("", False)] * 2)
        for fault, answer in (("nil", "BODY[] NIL"), ("no", "NO [UNAVAILABLE]")):
            http("POST", self.url + "/control", {"imap": fault, "count": 1})
            self.assertIn(answer, self.curl("/INBOX", "-v", "-X", "UID FETCH 1 BODY.PEEK[]")[1] + self.trace)
        http("POST", self.url + "/control", {"imap": "cut", "count": 1})
        self.assertNotEqual(self.curl("/INBOX/;UID=1")[0], 0)
        self.assertIn("Subject: raw", self.curl("/INBOX/;UID=1")[1])
        before = self.curl("/INBOX", "-v", "-X", "EXAMINE INBOX")
        http("POST", self.url + "/uidvalidity")
        self.assertNotEqual(self.curl("/INBOX", "-v", "-X", "EXAMINE INBOX"), before)
        self.assertEqual(self.curl("/INBOX?ALL")[1], "* SEARCH 1 2\r\n")


class ArchiveTest(MailCase):
    def archive(self, *flags):
        process, ports = self.start(
            "bodies.py", "--http-port", 0, "--smtp", f"127.0.0.1:{self.ports['smtp']}", "--imap",
            f"127.0.0.1:{self.ports['imap']}", "--accounts", os.path.join(self.dir, "accounts"),
            "--dir", os.path.join(self.dir, "bodies"), "--script", BODIES / "archive.yaml",
            "--clock-file", os.path.join(self.dir, "clock"), *flags)
        self.archive_url = f"http://127.0.0.1:{ports['http']}/archive"
        return process

    def clock(self, days):
        self.file("clock.new", str(days * 86400))
        os.replace(os.path.join(self.dir, "clock.new"), os.path.join(self.dir, "clock"))

    def status(self):
        return http("GET", self.archive_url + "/status")[1]

    def control(self, **wanted):
        return http("POST", self.archive_url + "/control", wanted)[1]

    def ask(self, number, code="XXT-ABCD1234"):
        self.send(f"<q{number}@hall>", f"request [{code}]", ARCHIVE)
        until(lambda: any(f"q{number}@" in id for id in self.ids(code)) or None, "mail read")

    def ids(self, code):
        case = next((case for case in self.status()["cases"] if case["code"] == code), None)
        return [f"q{n + 1}@" for n in range(case["reminders"] + 1)] if case else []

    def test_whole_story_over_kills(self):
        self.mail_server()
        process = self.archive()
        self.ask(1)
        first, = until(self.mails, "first reply")
        self.assertIn("已转殡仪科", first["text"])
        self.assertEqual((first["subject"], first["in_reply_to"]), ("回复：request [XXT-ABCD1234]", "<q1@hall>"))
        self.send("<q1@hall>", "request [XXT-ABCD1234]", ARCHIVE)  # A copy is no reminder.
        until(lambda: self.status()["copies"])
        self.clock(5)
        until(lambda: self.status()["now"] > time.time() + 4 * 86400)
        self.ask(2)
        self.kill(process)
        process = self.archive()
        self.assertEqual(len(self.mails()), 1)
        self.clock(8)  # Past the day on which the third would come, had the second been on time.
        began = time.monotonic()
        second = until(lambda: self.mails()[1:], "second reply")[0]
        self.assertLess(time.monotonic() - began, 0.5)
        self.assertIn("已转档案室查找", second["text"])
        self.assertEqual(second["in_reply_to"], "<q2@hall>")
        until(lambda: self.status()["cases"][0]["stages"][1]["state"] == "answered")
        self.assertEqual(self.status()["cases"][0]["stages"][2]["state"], "waiting")
        self.kill(process)
        self.clock(9)
        self.archive()
        third = until(lambda: self.mails()[2:], "third reply")[0]
        self.assertRegex(third["text"], r"火化日期 \d{4}-\d\d-\d\d，已查到档案，编号 BJ-HH-\d{4}-\d{6}。")
        self.assertEqual((third["charset"], third["from"]), ("gb18030", f"档案室 <{ARCHIVE}>"))
        self.ask(3)
        self.clock(99)
        until(lambda: self.status()["now"] > time.time() + 98 * 86400)
        until(lambda: all(s["state"] == "answered" for s in self.status()["cases"][0]["stages"]))
        self.assertEqual(len(self.mails()), 3)

    def test_switches(self):
        self.mail_server()
        self.archive()
        self.control(silent=True)
        self.ask(1)
        self.control(answer_now=True, vars={"cremation_date": "2014-01-02"})
        until(lambda: self.status()["cases"][0]["stages"][2]["state"] == "due")
        self.assertEqual(self.mails(), [])
        self.control(silent=False, reply_without_code=True)
        mails = until(lambda: self.mails()[2:] and self.mails(), "replies")
        self.assertEqual([mail["in_reply_to"] + mail["references"] for mail in mails], [""] * 3)
        self.assertNotIn("XXT", str([(mail["subject"], mail["text"]) for mail in mails]))
        self.assertIn("2014-01-02", mails[2]["text"])

    def test_lost_250_is_asked_for(self):
        self.mail_server()
        self.archive("--mail-http", f"127.0.0.1:{self.ports['http']}")
        for number, mode in enumerate(("drop_after_data", "drop_before_store", "tempfail"), 1):
            self.control(silent=True)
            self.send(f"<l{number}@hall>", f"request [XXT-000{number}]", ARCHIVE)
            until(lambda: len(self.status()["cases"]) == number)
            http("POST", self.url + "/control", {"smtp": mode, "count": 1})
            self.control(silent=False)
            until(lambda: self.status()["cases"][number - 1]["stages"][0]["state"] == "answered", mode)
        self.assertEqual(len(self.mails()), 3)


class BodiesTest(MailCase):
    def test_every_script_is_played_to_its_end_and_keeps_a_ledger(self):
        scripts = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in BODIES.glob("*.yaml")}
        self.mail_server(*(script["account"] for script in scripts.values()))
        _, ports = self.start(
            "bodies.py", "--http-port", 0, "--smtp", f"127.0.0.1:{self.ports['smtp']}", "--imap", f"127.0.0.1:{self.ports['imap']}",
            "--accounts", os.path.join(self.dir, "accounts"), "--dir", os.path.join(self.dir, "bodies"))
        url = f"http://127.0.0.1:{ports['http']}"
        self.assertEqual(http("GET", url + "/")[1], sorted(scripts))
        self.assertEqual(http("GET", url + "/nobody/status")[0], 404)
        for number, (name, script) in enumerate(sorted(scripts.items())):
            self.send(f"<{name}@hall>", f"request [XXT-000{number}]", script["account"])
            until(lambda at=f"{url}/{name}": http("GET", at + "/status")[1]["cases"], name)
            http("POST", f"{url}/{name}/control", {"answer_now": True})

        def answered(name):
            return [stage["state"] for stage in http("GET", f"{url}/{name}/status")[1]["cases"][0]["stages"]]
        for name, script in scripts.items():
            until(lambda one=name: set(answered(one)) == {"answered"}, name)
        self.assertEqual(len(self.mails()), sum(len(script["stages"]) for script in scripts.values()))
