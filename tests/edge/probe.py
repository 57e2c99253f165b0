"""Those who go on calling through the edge while it is attacked: a system that reads every 50 ms, and one that watches."""
import threading
import time

import grpc

EVERY_S = 0.05
# Of a healthy service; a call that takes longer has failed.
TIMEOUT_S = 5


class Probe(threading.Thread):
    """Calls `method` until it is stopped. `answered` are (when it began, milliseconds, code)."""

    def __init__(self, system, method, message, metadata):
        super().__init__(daemon=True)
        self.system, self.method, self.message, self.metadata = system, method, message, metadata
        self.answered = []
        self.ending = threading.Event()

    def run(self):
        due = time.monotonic()
        while not self.ending.is_set():
            began = time.monotonic()
            answer = self.system.call(self.method, self.message, self.metadata(), TIMEOUT_S)
            self.answered.append((began, 1000 * (time.monotonic() - began), answer.code))
            due = max(due + EVERY_S, began)
            self.ending.wait(max(0.0, due - time.monotonic()))

    def since(self, began):
        return [(ms, code) for when, ms, code in list(self.answered) if when >= began]

    def stop(self):
        self.ending.set()
        self.join()


class Watch(threading.Thread):
    """One stream that is to outlive everything; `told` counts its messages."""

    def __init__(self, system, method, message, metadata):
        super().__init__(daemon=True)
        self.told, self.ended = 0, ""
        self.system = system  # whose channel ends with it
        self.stream = system.channel.unary_stream(method)(message, metadata=metadata)

    def run(self):
        try:
            for _ in self.stream:
                self.told += 1
            self.ended = "OK"
        except grpc.RpcError as error:
            self.ended = f"{error.code().name} {error.details()}"

    def stop(self):
        self.stream.cancel()
        self.join()


class Memory(threading.Thread):
    """Resident memory of processes, {name: pid}; how far above `before` it has been since `forget`."""

    def __init__(self, pids, read):
        super().__init__(daemon=True)
        self.pids, self.read = pids, read
        self.before = self.now()
        self.most = dict(self.before)
        self.ending = threading.Event()

    def now(self):
        return {name: self.read(pid) for name, pid in self.pids.items()}

    def run(self):
        while not self.ending.wait(0.1):
            for name, mb in self.now().items():
                self.most[name] = max(self.most[name], mb)

    def forget(self):
        self.most = self.now()

    def grown(self):
        return {name: max(mb, self.read(self.pids[name])) - self.before[name] for name, mb in self.most.items()}

    def stop(self):
        self.ending.set()
        self.join()
