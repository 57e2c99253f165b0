#!/usr/bin/python3
"""Bodies that answer by mail, each as its script says: a crematorium that passes the inquiry on twice, an employer that wants
papers first, a bank that answers twice, a court that is silent for long, and others.

  bodies.py --http-port P --smtp HOST:PORT --imap HOST:PORT --accounts FILE --dir DIR
            [--clock-file FILE] [--mail-http HOST:PORT] [--script FILE.yaml]...

  --accounts    lines "address: password", those of the mail server
  --dir         what each knows, NAME.json; survives kill -9
  --clock-file  an integer: seconds added to the real clock (missing: 0)
  --script      one body: account, stages, texts and delays; its file's name is its own (default: all of bodies/;
                archive.yaml explains them)
  --mail-http   the control port of mail_server.py, see below

Each polls its INBOX. Mails whose subject bears the same answer code, [XXT-ABCD1234], are one
case: the first is the inquiry, each further one a reminder; one with a known Message-ID is a
copy and counts for nothing. Replies go to Reply-To or From, keep the code in the subject and set
In-Reply-To and References to the mail that a stage answers.

A stage is answered once. When a connection breaks between the data and the 250, or a kill
falls there, nobody knows if the reply went out: with --mail-http the mail server's ledger is
asked; without, the reply is sent again with the same Message-ID.

Control:
  GET  /         the names of all
  GET  /NAME/status   account, now, switches, counters, and the ledger of what reached it, cases: [{code, inquiry_at,
                 reminders, vars, stages: [{name, state: waiting|due|answered|refused, due_at, at, message_id}]}]
  POST /NAME/control  {"silent":true|false}      true: reads, answers nothing, answer_now included
                 {"reply_without_code":true|false}  true: replies bear no code and no In-Reply-To
                 {"answer_now":true, "code"?:C}     all open stages (of C) are due now, in order
                 {"vars":{"cremation_date":"2014-01-02"}}  hold for replies from now on; {} ends it
                 -> the status. Switches survive a restart, too.
"""
import argparse
import os
import pathlib
import threading
import time
import traceback

import yaml
from aiohttp import web

import mail_body
import simlib
from mail_post import Post

POLL_S = 1.0


class Worker(threading.Thread):
    """Reads mail, watches the clock and answers; alone in touching the body while it holds the lock."""

    def __init__(self, body, post, clock_file, poll_s):
        super().__init__(daemon=True)
        self.tick_s = poll_s / 2
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
            self.wake.wait(self.tick_s)
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


def passwords(path):
    """{address: password} of a file of accounts."""
    with open(path, encoding="utf-8") as file:
        pairs = [line.split(":", 1) for line in file if ":" in line]
    return {address.strip(): password.strip() for address, password in pairs}


def worker_of(script_file, args, accounts):
    script = yaml.safe_load(script_file.read_text(encoding="utf-8"))
    account = script["account"]
    if account not in accounts:
        raise SystemExit(f"{script_file.name}: {account} is no account")
    body = mail_body.Body(script, account, os.path.join(args.dir, f"{script_file.stem}.json"))
    post = Post(args.smtp, args.imap, args.mail_http, account, accounts[account])
    return Worker(body, post, args.clock_file, script.get("poll_s", POLL_S))


def routes_of(workers):
    def worker_in(request):
        worker = workers.get(request.match_info["name"])
        if worker is None:
            raise web.HTTPNotFound(text="no such body\n")
        return worker

    async def names(_request):
        return simlib.reply(sorted(workers))

    async def status(request):
        worker = worker_in(request)
        with worker.lock:
            return simlib.reply(worker.body.status(worker.now()))

    async def control(request):
        worker, wanted = worker_in(request), await simlib.json_of(request)
        with worker.lock:
            worker.body.control(wanted, worker.now())
            worker.wake.set()
            return simlib.reply(worker.body.status(worker.now()))

    return [web.get("/", names), web.get("/{name}/status", status), web.post("/{name}/control", control)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--smtp", type=simlib.host_port, required=True)
    parser.add_argument("--imap", type=simlib.host_port, required=True)
    parser.add_argument("--accounts", required=True)
    parser.add_argument("--dir", required=True)
    parser.add_argument("--clock-file")
    parser.add_argument("--script", type=pathlib.Path, action="append")
    parser.add_argument("--mail-http", type=simlib.host_port)
    args = parser.parse_args()

    async def start():
        os.makedirs(args.dir, exist_ok=True)
        accounts = passwords(args.accounts)
        scripts = args.script or sorted((pathlib.Path(__file__).resolve().parent / "bodies").glob("*.yaml"))
        workers = {script.stem: worker_of(script, args, accounts) for script in scripts}
        port = await simlib.start_http(routes_of(workers), args.http_port)
        for worker in workers.values():
            worker.start()
        return f"http={port}"

    simlib.run("bodies", start)


if __name__ == "__main__":
    main()
