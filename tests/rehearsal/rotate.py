#!/usr/bin/python3
"""Exchanges certificates, CAs, token keys, data keys and the gateway's token under load, again and again, without a restart:
no call may fail, and nothing be lost.

Every 5 s one of three steps: the new is trusted; the new is used; the old is not trusted any more. Callers read their own
certificate and make their tokens anew with each step, as district systems are asked to.
"""
import subprocess
import time

import outcome
import rotations
from stage import BIN, SERVICES, Options, Rehearsal, wait_until

STEP_S = 5.0  # services look at their files every second
NOTED_WITHIN_S = 90


class Rotate(Rehearsal):
    def __init__(self, found, seconds):
        super().__init__(found, Options())
        self.rounds = max(1, round(seconds / STEP_S / rotations.STEPS))

    def prepare(self):
        super().prepare()
        self.exchanged = [kind(self.instance) for kind in rotations.ALL]
        self.have_gateway_take_several()

    def have_gateway_take_several(self):
        """Its tokens are a file apart from the one of the service."""
        gateway = next(kind for kind in self.exchanged if isinstance(kind, rotations.GatewaySecret))
        argv = self.instance.argv_of("phone")
        argv[argv.index(b"--token-file") + 1] = str(gateway.theirs).encode()
        self.instance.restart("phone", argv, lambda: self.instance.answers("phone"))

    def act(self):
        for _ in range(self.rounds):
            for step in ("trust_new", "use_new", "end_old"):
                began = time.monotonic()
                for kind in self.exchanged:
                    getattr(kind, step)()
                self.load.client.renew()
                self.over.wait(max(0.0, STEP_S - (time.monotonic() - began)))
        for kind in self.exchanged:
            self.outcome.figure(f"{kind.name}, exchanged", self.rounds)
        self.judge_data_keys()
        self.start_anew()

    def start_anew(self):
        """What counts now must count at a start, too, and among services that meet anew. How they stop is drain.py's matter."""
        self.tally.end()
        for replica in self.everybody():
            self.replace(replica)

    def judge_data_keys(self):
        keys = next(kind for kind in self.exchanged if isinstance(kind, rotations.DataKeys))
        try:
            wait_until("the last data key is in use", keys.in_use, NOTED_WITHIN_S)
        except TimeoutError as error:
            self.outcome.broken(str(error))
        for service in SERVICES:
            self.store(service, "rekey", "run this again")  # a key was first within the last five minutes, and stays for now
            self.store(service, "verify")

    def store(self, service, command, later=""):
        """It must succeed, or fail with the word that it is too early."""
        done = subprocess.run([BIN / "tools/xxt-store/xxt-store", "--service", service, "--config",
                               self.instance.dir / f"config/{service}.yaml", "--lang", "en", command],
                              env={"XXT_STORE_PASSWORD_FILE": str(self.instance.dir / "secrets/xxt_store"), "PATH": "/usr/bin:/bin"},
                              capture_output=True, text=True, check=False)
        too_early = later and done.returncode == 1 and later in done.stdout + done.stderr
        if done.returncode != 0 and not too_early:
            self.outcome.broken(f"xxt-store {command} {service}: exit {done.returncode}: {(done.stdout + done.stderr)[-500:]}")


if __name__ == "__main__":
    outcome.main(outcome.arguments(__doc__, seconds=(300, 15)), lambda args: Rotate(outcome.Outcome("rotate"), args.seconds).rehearse())
