"""Counts what callers are answered, try by try, while somebody operates the services."""
import collections
import threading
import time

import grpc

# What the services say of a request on purpose; anything else is a try that failed. A client repeats that under the same
# request id (docs/api/errors.md), so that a call fails only if no try is answered.
ANSWERS = {grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.ALREADY_EXISTS,
           grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.OUT_OF_RANGE,
           grpc.StatusCode.ABORTED}
TRY_S = 10  # on a busy machine


class Tally:
    """Thread-safe. Counts nothing before `begin` and after `end`."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counting = False
        self.tries = collections.Counter()  # by gRPC code
        self.failed = []  # (when, method, code)
        self.slowest_s = 0.0  # of calls with all their tries

    def begin(self):
        self.counting = True

    def end(self):
        self.counting = False

    def note(self, method, code):
        with self.lock:
            if self.counting:
                self.tries[code.name] += 1
                if code not in ANSWERS:
                    self.failed.append((time.time(), method, code.name))

    def took(self, seconds):
        with self.lock:
            if self.counting:
                self.slowest_s = max(self.slowest_s, seconds)


def counted(client, tally):
    """The same client; what its tries come to is noted."""
    once, until_answered = client.once, client.until_answered

    def noted_once(service, caller, name, body, timeout=TRY_S):
        try:
            answer = once(service, caller, name, body, timeout)
        except grpc.RpcError as error:
            tally.note(name, error.code())
            raise
        tally.note(name, grpc.StatusCode.OK)
        return answer

    def timed(*args, **kwargs):
        began = time.monotonic()
        try:
            return until_answered(*args, **kwargs)
        finally:
            tally.took(time.monotonic() - began)

    client.once, client.until_answered = noted_once, timed
    return client


class Spread:
    """Clients in the place of one: every thread has connections of its own, which so spread over the replicas."""

    def __init__(self, make):
        self.make = make
        self.age = 0
        self.open, self.lock, self.own = set(), threading.Lock(), threading.local()

    def mine(self):
        """The client of this thread."""
        if getattr(self.own, "age", None) != self.age:
            before = getattr(self.own, "client", None)
            self.own.age, self.own.client = self.age, self.make()
            with self.lock:
                self.open.add(self.own.client)
                self.open.discard(before)
            if before is not None:
                before.close()
        return self.own.client

    def renew(self):
        """From its next call on each thread has new connections, certificates and tokens; its watch when it begins anew."""
        self.age += 1

    def once(self, *args, **kwargs):
        return self.mine().once(*args, **kwargs)

    def until_answered(self, *args, **kwargs):
        return self.mine().until_answered(*args, **kwargs)

    def close(self):
        for client in self.open:
            client.close()

    def __getattr__(self, name):
        return getattr(self.mine(), name)  # what a watch needs of it
