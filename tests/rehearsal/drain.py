#!/usr/bin/python3
"""Stops replicas by SIGTERM under load, one of each service at a time: no call may fail, nothing be lost, each exits with 0.

With --planted they are killed instead, and it exits with 0 if it has seen that calls failed.
"""
import threading

import outcome
from stage import SERVICES, Options, Rehearsal


class Drain(Rehearsal):
    def __init__(self, found, stops, planted=False):
        super().__init__(found, Options())
        self.stops, self.planted, self.took = stops, planted, []

    def act(self):
        lanes = [threading.Thread(target=self.stop_in_turn, args=(service,)) for service in SERVICES]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        self.outcome.figure("stopped by SIGTERM", len(self.took))
        self.outcome.figure("slowest stop, s", max(self.took, default=0.0))
        if len(self.took) < self.stops:
            self.outcome.broken(f"{len(self.took)} of {self.stops} stops were made")

    def stop(self, replica):
        if self.planted:
            replica.kill()
        else:
            super().stop(replica)

    def stop_in_turn(self, service):
        for number in range(-(-self.stops // len(SERVICES))):
            self.took.append(self.replace(self.replicas[service][number % 2]))


def rehearse(args):
    found = Drain(outcome.Outcome("drain"), args.stops, args.planted).rehearse()
    return outcome.turned(found, "RPCs that failed") if args.planted else found


if __name__ == "__main__":
    parser = outcome.arguments(__doc__, stops=(200, 18))
    parser.add_argument("--planted", action="store_true", help="kills them, which must be seen")
    outcome.main(parser, rehearse)
