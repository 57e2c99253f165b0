#!/usr/bin/python3
"""Plays the stories while replicas are killed: each must come to its end as it does in peace, and nobody be told or asked twice.

  story_storm.py [--every 1.5] [--seed 1] [STORY.yaml...]     all of tests/stories

Two replicas of each service are behind a proxy; every so often one of the six is killed and started again. What a replica had
in hand is taken up when its lease is over, so `xxt` repeats what is not answered, and waits longer for what comes later.
"""
import argparse
import collections
import itertools
import pathlib
import random
import re
import subprocess
import sys
import threading
import time

from campaign import Options
from evidence import Evidence, message_id
from faults import Journal
from instance import BIN, ROOT, SERVICES, Instance
from load import WINDOW
from replicas import Replica

REPEAT_FOR = "90s"
SETTLES_WITHIN_S = 60
REMINDER = "催办"


def texts_told_twice(ledger, message_of, sent_again):
    """Returns what is wrong with the gateway's `ledger`: of each message one text, and one more for each time that a person
    decided to send it again (`sent_again`); `message_of` knows the message of each delivery."""
    sent = collections.Counter(message_of.get(row["key"]) for row in ledger)
    unknown = [f"{sent[None]} texts are no delivery's"] if sent[None] else []
    return unknown + [f"{message}: {count} text messages" for message, count in sent.items()
                      if message is not None and count > 1 + sent_again[message]]


def mails_told_twice(ledger):
    """Returns what is wrong with the mail server's `ledger`: each mail came once, and each body was asked once.
    What bodies write to the window is theirs to say twice."""
    came = collections.Counter(message_id(row) for row in ledger)
    asked = collections.Counter((*row["to"], row["subject"]) for row in ledger
                                if WINDOW not in row["to"] and not row["subject"].startswith(REMINDER))
    return ([f"mail {mail} came {count} times" for mail, count in came.items() if count > 1]
            + [f"{' '.join(mail)}: asked {count} times" for mail, count in asked.items() if count > 1])


class Storm:
    def __init__(self, stories, every_s, seed):
        self.stories, self.every_s, self.chance = stories, every_s, random.Random(seed)
        self.over, self.complaints, self.kills = threading.Event(), [], 0

    def run(self):
        """Returns what is wrong."""
        with Instance(Options()) as self.instance:
            journal = Journal(self.instance.dir / "steps.log")
            self.replicas = [Replica(self.instance, *which, self.complaints, journal) for which in itertools.product(SERVICES, range(2))]
            self.instance.http("bodies", "/archive/control", {"silent": False})
            Evidence.make_views(self.instance)
            try:
                problems = self.play()
            finally:
                self.over.set()
                for replica in self.replicas:
                    replica.kill()
            self.instance.keep = bool(problems)
        return problems

    def play(self):
        for replica in self.replicas:
            replica.start()
        for replica in self.replicas:
            replica.await_listening()
        killer = threading.Thread(target=self.kill_in_turn)
        killer.start()
        played = subprocess.run([BIN / "tools/xxt/xxt", "--context", self.context(), "--repeat-for", REPEAT_FOR, "scenario", "run",
                                 *self.stories], check=False)
        self.over.set()
        killer.join()
        problems = [] if played.returncode == 0 else [f"the stories ended with exit code {played.returncode}"]
        return problems + self.complaints + self.left_undone() + self.told_twice()

    def context(self):
        """Where xxt finds the services: behind the proxies."""
        text = (self.instance.dir / "xxt.yaml").read_text()
        for service in SERVICES:
            text = re.sub(rf'(?m)^  {service}: "127.0.0.1:\d+"', f'  {service}: "127.0.0.1:{self.instance.proxied[service]}"', text, count=1)
        path = self.instance.dir / "storm.yaml"
        path.write_text(text)
        return path

    def kill_in_turn(self):
        while not self.over.wait(self.every_s):
            replica = self.chance.choice(self.replicas)
            self.kills += replica.kill()
            replica.start()
            replica.await_listening(self.over)

    def left_undone(self):
        """What is due of the machines' tasks must be done soon after, and none may be dead."""
        deadline = time.monotonic() + SETTLES_WITHIN_S
        while (left := self.machine_tasks("state <> 'dead'")) and time.monotonic() < deadline:
            time.sleep(0.5)
        return [f"not done: {line}" for line in left] + [f"given up: {line}" for line in self.machine_tasks("state = 'dead'")]

    def machine_tasks(self, wanted):
        ahead = f"interval '{int(self.instance.business_now() - time.time())} seconds'"
        return [f"{service} {' '.join(row)}" for service in SERVICES for row in self.instance.sql(service, f"""
            SELECT kind, id, coalesce(last_error, '') FROM judge.tasks
             WHERE lane <> 'desk' AND {wanted} AND (state = 'dead' OR due <= now() + {ahead})""")]

    def told_twice(self):
        deliveries = {row["id"]: row["message"] for row in self.instance.records("notification", "judge.deliveries")}
        again = collections.Counter(row["message"] for row in self.instance.records("notification", "judge.decisions")
                                    if row["outcome"] == "SEND_AGAIN")
        mails = [row for row in self.instance.http("mail", "/ledger") if row["via"] in ("smtp", "bounced")]
        texts = self.instance.http("phone", "/ledger")
        print(f"{self.kills} SIGKILLs; {len(texts)} texts and {len(mails)} mails reached the outside")
        return texts_told_twice(texts, deliveries, again) + mails_told_twice(mails)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=float, default=1.5, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("stories", nargs="*", type=pathlib.Path, metavar="STORY")
    args = parser.parse_args()
    problems = Storm(args.stories or sorted((ROOT / "tests/stories").glob("*.yaml")), args.every, args.seed).run()
    for line in problems:
        print(f"  {line}")
    print("kept" if not problems else f"BROKEN: {len(problems)}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
