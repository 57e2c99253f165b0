#!/usr/bin/python3
"""TCP proxies that break connections on order.

  tcp_proxy.py --listen P --upstream HOST:PORT --http-port P
  tcp_proxy.py --route NAME=P=HOST:PORT[,HOST:PORT...] ... --http-port P

A route with several upstreams takes them in turn, passing over those that do not listen. Its control
requests name it: {"route":NAME, ...}, GET /control?route=NAME.

Control:
  POST /control  {"mode":"ok|refuse|blackhole|cut_after|cut_commit|swizzle","bytes":N,"direction":"up|down",
                  "count":N,"delay_ms":MS,"marks":[TEXT],"when":"before|inside|after","hold_ms":MS,"seed":N,
                  "upstreams":["HOST:PORT"]}
       refuse     connections get ECONNREFUSED and live ones are reset; with count, that many new
                  ones are accepted and reset instead (nobody can count refused ones)
       blackhole  nothing passes and nothing closes; with count, only the next connections. Held
                  traffic flows on after the next /control, as after a healed partition
       cut_after  after N more bytes in the direction (up: to the upstream, the default) the
                  connection is reset on both sides; holds for live connections too; count: cuts
       cut_commit a piece to the upstream that holds one of the marks is cut, and both sides are reset:
                  before (nothing of it passes), inside (a part does), after (all of it does, and no
                  answer comes back); count: cuts
       swizzle    live connections are stopped one by one, hold_ms apart, and released in random
                  order; new ones pass. Ends by itself
       delay_ms   each piece waits that long, in every mode
       upstreams  where new connections go from now on, and stay; live ones are left alone
       count      0 or none: until changed
  GET  /control  the mode, and counters: connections, live, refused, blackholed, cut,
                 commits_cut, bytes_up, bytes_down
"""
import argparse
import asyncio
import collections
import random
import socket
import struct

from aiohttp import web

import simlib

MODES = ("ok", "refuse", "blackhole", "cut_after", "cut_commit", "swizzle")


class Connection:
    def __init__(self, writer):
        self.writers = [writer]
        self.dark = False  # One of a counted blackhole.
        self.stopped = False  # By a swizzle.
        self.budget = None
        self.epoch = -1

    def reset(self):
        for writer in self.writers:
            reset(writer)


class Proxy:
    def __init__(self, port, upstreams):
        self.upstreams = collections.deque(upstreams)
        self.fault = simlib.Fault(MODES)
        self.bytes, self.direction = 0, "up"
        self.marks, self.when = (), "after"
        self.random = random.Random(0)
        self.counters = collections.Counter(
            connections=0, refused=0, blackholed=0, cut=0, commits_cut=0, bytes_up=0, bytes_down=0)
        self.live = set()
        self.epoch = 0  # Counts the control requests.
        self.changed = asyncio.Condition()
        self.server = None
        # Bound but not listening: keeps the port ours while connections are refused.
        self.holder = bound_socket(port)
        self.port = self.holder.getsockname()[1]

    async def listen(self, wanted):
        if wanted and not self.server:
            self.server = await asyncio.start_server(self.serve, sock=bound_socket(self.port))
        elif not wanted and self.server:
            self.server.close()
            self.server = None

    async def serve(self, reader, writer):
        self.counters["connections"] += 1
        connection = Connection(writer)
        mode = self.fault.mode
        if mode == "refuse":
            self.fault.take()
            self.counters["refused"] += 1
            reset(writer)
            return
        if mode == "blackhole":
            self.counters["blackholed"] += 1
            connection.dark = bool(self.fault.count)
            connection.epoch = self.epoch
            self.fault.take()
        self.live.add(connection)
        try:
            await self.while_dark(connection)
            up_reader, up_writer = await self.reach_upstream()
            connection.writers.append(up_writer)
            await asyncio.gather(self.pump(connection, reader, up_writer, "up"),
                                 self.pump(connection, up_reader, writer, "down"))
            for side in connection.writers:
                side.close()
        except OSError:  # A side went away; so does the other.
            connection.reset()
        finally:
            self.live.discard(connection)

    async def reach_upstream(self):
        for _ in range(len(self.upstreams)):
            self.upstreams.rotate(-1)
            try:
                return await asyncio.open_connection(*self.upstreams[0])
            except OSError as error:
                failure = error
        raise failure

    async def swizzle(self, hold_s):
        chosen = list(self.live)
        self.random.shuffle(chosen)
        for connection in chosen:
            connection.stopped = True
            await asyncio.sleep(hold_s)
        self.random.shuffle(chosen)
        for connection in chosen:
            async with self.changed:
                connection.stopped = False
                self.changed.notify_all()
            await asyncio.sleep(hold_s)
        if self.fault.mode == "swizzle":
            self.fault.set("ok")

    def commit_to_cut(self, piece, direction):
        return self.fault.mode == "cut_commit" and direction == "up" and any(mark in piece for mark in self.marks)

    async def cut_commit(self, connection, piece, writer):
        passing = {"before": 0, "inside": self.random.randrange(len(piece)), "after": len(piece)}[self.when]
        self.fault.take()
        self.counters["commits_cut"] += 1
        writer.write(piece[:passing])
        await flushed(writer)
        if self.when == "after":
            reset(connection.writers[0])  # What the upstream answers has nowhere to go.
            await asyncio.sleep(0.02)  # It reads what it got before it hears of the end.
        connection.reset()

    async def while_dark(self, connection):
        async with self.changed:
            await self.changed.wait_for(lambda: not connection.stopped)
            if connection.dark:
                await self.changed.wait_for(lambda: self.epoch != connection.epoch)
                connection.dark = False
            await self.changed.wait_for(lambda: self.fault.mode != "blackhole" or self.fault.count)

    async def pump(self, connection, reader, writer, direction):
        while True:
            piece = await reader.read(65536)
            await self.while_dark(connection)
            if self.fault.delay_ms:
                await asyncio.sleep(self.fault.delay_ms / 1000)
            if not piece:
                writer.write_eof()
                return
            if self.commit_to_cut(piece, direction):
                await self.cut_commit(connection, piece, writer)
                return
            allowed = self.allowance(connection, direction)
            if allowed is not None:
                connection.budget = allowed - len(piece[:allowed])
                if len(piece) >= allowed:
                    self.fault.take()
                    self.counters["cut"] += 1
                    writer.write(piece[:allowed])
                    self.counters["bytes_" + direction] += allowed
                    await flushed(writer)
                    connection.reset()
                    return
            writer.write(piece)
            self.counters["bytes_" + direction] += len(piece)
            await writer.drain()

    def allowance(self, connection, direction):
        """How many bytes may still pass before the cut; None without one."""
        if self.fault.mode != "cut_after" or direction != self.direction:
            return None
        if connection.epoch != self.epoch:
            connection.epoch, connection.budget = self.epoch, self.bytes
        return connection.budget

    async def control(self, wanted):
        if wanted is not None:
            if wanted.get("direction", "up") not in ("up", "down"):
                raise web.HTTPBadRequest(text="direction is up or down\n")
            if "upstreams" in wanted:
                self.upstreams = collections.deque(map(simlib.host_port, wanted["upstreams"]))
            self.fault.set(wanted.get("mode", "ok"), wanted.get("count", 0), wanted.get("delay_ms", 0))
            self.bytes, self.direction = int(wanted.get("bytes", 0)), wanted.get("direction", "up")
            self.marks, self.when = [mark.encode() for mark in wanted.get("marks", ())], wanted.get("when", "after")
            self.random.seed(wanted.get("seed", 0))
            if self.fault.mode == "swizzle":
                self.swizzling = asyncio.ensure_future(self.swizzle(wanted.get("hold_ms", 50) / 1000))
            closed = self.fault.mode == "refuse" and not self.fault.count
            await self.listen(not closed)
            if closed:
                for connection in list(self.live):
                    connection.reset()
            async with self.changed:
                self.epoch += 1
                self.changed.notify_all()
        return simlib.reply({**self.fault.view(), "bytes": self.bytes, "direction": self.direction,
                             "live": len(self.live), **self.counters})


async def flushed(writer):
    while writer.transport.get_write_buffer_size() and not writer.transport.is_closing():
        await asyncio.sleep(0.001)


def bound_socket(port):
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    opened.bind((simlib.HOST, port))
    return opened


def reset(writer):
    """Closes with a TCP reset, also when nothing is unread."""
    if not writer.transport.is_closing():
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Proxies:
    def __init__(self):
        self.routes = {}

    async def add(self, name, port, upstreams):
        self.routes[name] = Proxy(port, upstreams)
        await self.routes[name].listen(True)

    async def control(self, request):
        wanted = await simlib.json_of(request) if request.method == "POST" else None
        name = (request.query if wanted is None else wanted).get("route", "")
        if name not in self.routes:
            raise web.HTTPNotFound(text=f"routes are {'|'.join(self.routes)}\n")
        return await self.routes[name].control(wanted)


def route(text):
    name, port, upstreams = text.split("=")
    return name, int(port), [simlib.host_port(upstream) for upstream in upstreams.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", type=int)
    parser.add_argument("--upstream", type=simlib.host_port)
    parser.add_argument("--route", type=route, action="append", default=[])
    parser.add_argument("--http-port", type=int, required=True)
    args = parser.parse_args()
    if (args.listen is None) == (not args.route):
        parser.error("give either --listen and --upstream or --route")

    async def start():
        proxies = Proxies()
        for name, port, upstreams in args.route or [("", args.listen, [args.upstream])]:
            await proxies.add(name, port, upstreams)
        http = await simlib.start_http(
            [web.post("/control", proxies.control), web.get("/control", proxies.control)], args.http_port)
        ports = {name or "listen": proxy.port for name, proxy in proxies.routes.items()}
        return " ".join(f"{name}={port}" for name, port in ports.items()) + f" http={http}"

    simlib.run("tcp_proxy", start)


if __name__ == "__main__":
    main()
