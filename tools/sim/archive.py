#!/usr/bin/python3
"""A body that answers by mail: by default a crematorium that passes the inquiry on twice.

  archive.py --http-port P --smtp HOST:PORT --imap HOST:PORT --account ADDRESS --password-file F
             [--clock-file FILE] [--script FILE.yaml] [--state FILE] [--mail-http HOST:PORT] [--poll-ms 100]

  --script      stages, texts and delays (default: bodies/crematorium_archive.yaml, which explains them)
  --clock-file  an integer: seconds added to the real clock (missing: 0); read every 50 ms
  --state       JSON, survives kill -9 (default: the password file's name + ".state.json")
  --mail-http   the control port of mail_server.py, see below

It polls its INBOX. Mails whose subject bears the same answer code, [XXT-ABCD1234], are one
case: the first is the inquiry, each further one a reminder; one with a known Message-ID is a
copy and counts for nothing. Replies go to Reply-To or From, keep the code in the subject and set
In-Reply-To and References to the mail that a stage answers.

A stage is answered once. When a connection breaks between the data and the 250, or a kill
falls there, nobody knows if the reply went out: with --mail-http the mail server's ledger is
asked; without, the reply is sent again with the same Message-ID.

Control:
  GET  /status   account, now, switches, counters, cases: [{code, inquiry_at, reminders, vars,
                 stages: [{name, state: waiting|due|answered|refused, due_at, at, message_id}]}]
  POST /control  {"silent":true|false}              true: reads, answers nothing, answer_now included
                 {"reply_without_code":true|false}  true: replies bear no code and no In-Reply-To
                 {"answer_now":true, "code"?:C}     all open stages (of C) are due now, in order
                 {"vars":{"cremation_date":"2014-01-02"}}  hold for replies from now on; {} ends it
                 -> the status. Switches survive a restart, too.
"""
import argparse
import os
import threading
import time
import traceback

import yaml
from aiohttp import web

import mail_body
import simlib
from mail_post import Post

TICK_S = 0.05


class Worker(threading.Thread):
    """Reads mail, watches the clock and answers; alone in touching the body while it holds the lock."""

    def __init__(self, body, post, clock_file, poll_s):
        super().__init__(daemon=True)
        self.body, self.post, self.clock_file, self.poll_s = body, post, clock_file, poll_s
        self.lock = threading.Lock()
        self.wake = threading.Event()

    def now(self):
        try:
            with open(self.clock_file or "", encoding="ascii") as file:
                return time.time() + int(file.read().strip() or 0)
        except (FileNotFoundError, ValueError):  # None, or just being written.
            return time.time()

    def run(self):
        try:
            self.work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)  # Better gone than silent by mistake.

    def work(self):
        poll_at = send_at = 0.0
        while True:
            self.wake.wait(TICK_S)
            self.wake.clear()
            now, clock = time.monotonic(), self.now()
            if now >= poll_at:
                poll_at = now + (self.poll_s if self.poll(clock) else 0.5)
            if now >= send_at and not self.answer(clock):
                send_at = now + 0.5

    def poll(self, clock):
        try:
            for uid, data in self.post.new_mails(self.body):
                with self.lock:
                    self.body.receive(uid, data, clock)
                self.post.mark_seen(uid)
            return True
        except self.post.ERRORS:
            self.post.hang_up()
            self.body.counters["imap_errors"] += 1
            return False

    def answer(self, clock):
        """Sends what is due; False when that must be tried again later."""
        while True:
            with self.lock:
                reply = self.body.next_reply(clock)
            if not reply:
                return True
            outcome = self.post.send(reply)
            with self.lock:
                self.body.settle(reply, outcome, self.now())
            if outcome in ("unsent", "unknown"):
                return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--smtp", type=simlib.host_port, required=True)
    parser.add_argument("--imap", type=simlib.host_port, required=True)
    parser.add_argument("--account", required=True)
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--clock-file")
    parser.add_argument("--script", default=os.path.join(here, "bodies", "crematorium_archive.yaml"))
    parser.add_argument("--state")
    parser.add_argument("--mail-http", type=simlib.host_port)
    parser.add_argument("--poll-ms", type=int, default=100)
    args = parser.parse_args()

    async def start():
        with open(args.password_file, encoding="utf-8") as file:
            password = file.read().strip()
        with open(args.script, encoding="utf-8") as file:
            script = yaml.safe_load(file)
        body = mail_body.Body(script, args.account, args.state or args.password_file + ".state.json")
        post = Post(args.smtp, args.imap, args.mail_http, args.account, password)
        worker = Worker(body, post, args.clock_file, args.poll_ms / 1000)

        async def status(_request):
            with worker.lock:
                return simlib.reply(body.status(worker.now()))

        async def control(request):
            wanted = await simlib.json_of(request)
            with worker.lock:
                body.control(wanted, worker.now())
                worker.wake.set()
                return simlib.reply(body.status(worker.now()))

        port = await simlib.start_http([web.get("/status", status), web.post("/control", control)], args.http_port)
        worker.start()
        return f"http={port}"

    simlib.run("archive", start)


if __name__ == "__main__":
    main()
