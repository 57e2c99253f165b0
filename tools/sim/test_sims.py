#!/usr/bin/python3
"""Tests of the simulators: each is started as users start it, on free ports, in a directory of its own."""
import os
import signal
import socket
import threading
import time
import unittest

from sim_case import Case, http, until
from test_mail import ArchiveTest, MailTest
from test_push import PushTest
from test_spans import SpansTest

__all__ = ["ArchiveTest", "MailTest", "PhoneTest", "ProxyTest", "PushTest", "SpansTest"]


class PhoneTest(Case):
    def gateway(self):
        process, ports = self.start(
            "phone_gateway.py", "--port", 0, "--ledger", os.path.join(self.dir, "ledger"),
            "--token-file", self.file("token", "secret\n"))
        self.url = f"http://127.0.0.1:{ports['http']}"
        return process

    def send(self, key="k1", to="+8613800000009", text="您好", ref="r1", token="secret"):
        return http("POST", self.url + "/v1/sms", {"to": to, "text": text, "client_ref": ref},
                    Authorization=f"Bearer {token}", **{"Idempotency-Key": key})

    def get(self, path):
        return http("GET", self.url + path, Authorization="Bearer secret")[1]

    def control(self, **wanted):
        self.assertEqual(http("POST", self.url + "/control", wanted)[0], 200)

    def test_key_is_kept_over_kill(self):
        process = self.gateway()
        status, first = self.send()
        self.assertEqual((status, first["status"]), (200, "accepted"))
        self.kill(process)
        self.gateway()
        self.assertEqual(self.send(), (200, first))
        self.assertEqual(self.send(text="别的")[0], 422)
        self.assertEqual(len(self.get("/ledger")), 1)
        self.assertEqual((self.get("/control")["replays"], self.get("/control")["conflicts"]), (1, 1))
        until(lambda: self.get("/v1/receipts")["receipts"], "receipt")

    def test_refusals(self):
        self.gateway()
        self.assertEqual(self.send(token="x")[0], 401)
        self.assertEqual(self.send(key="")[0], 400)
        self.assertEqual(self.send(to="+8613800000000"), (400, {"error": "invalid_number"}))
        self.assertEqual(self.send(to="12345")[0], 400)
        self.assertEqual([self.send(to="+8613800000002")[0] for _ in range(3)], [503, 503, 200])
        self.control(mode="reject_temporary", count=1)
        self.assertEqual([self.send(key="k2")[0], self.send(key="k2")[0]], [503, 200])
        self.control(mode="reject_permanent", count=1)
        self.assertEqual(self.send(key="k3")[0], 400)
        self.assertEqual(http("POST", self.url + "/control", {"mode": "x"})[0], 400)

    def test_tokens_are_exchanged_while_it_runs(self):
        self.gateway()
        self.file("token", "secret\nnext\n")
        self.assertEqual([self.send(token=token)[0] for token in ("secret", "next")], [200, 200])
        self.file("token", "next\n")
        self.assertEqual([self.send(token=token)[0] for token in ("secret", "next")], [401, 200])

    def test_receipts_and_phones(self):
        self.gateway()
        self.send("a", to="+8613800000001", ref="off")
        until(lambda: self.get("/v1/receipts")["next"] == 1)
        self.send("b", ref="on", text="<b>验证码")
        until(lambda: self.get("/v1/receipts")["next"] == 2)
        failed, delivered = self.get("/v1/receipts")["receipts"]
        self.assertEqual((failed["state"], failed["client_ref"]), ("failed", "off"))
        self.assertEqual(self.get("/v1/receipts?after=1&limit=5"), {"receipts": [delivered], "next": 2})
        self.assertEqual(self.get("/v1/receipts?after=2"), {"receipts": [], "next": 2})
        self.assertEqual(self.get("/v1/sms?client_ref=on")["messages"][0]["state"], "delivered")
        self.assertEqual(self.get("/v1/sms?client_ref=none"), {"messages": []})
        self.assertEqual(self.get("/phone/+8613800000001")["messages"], [])
        self.assertEqual(self.get("/phone/+8613800000009")["messages"][0]["text"], "<b>验证码")
        self.assertIn("&lt;b&gt;验证码", self.get("/"))

    def test_receipts_of_a_hostile_gateway(self):
        self.gateway()
        self.control(receipt_states=["buffered", "expired"])
        self.send("a")
        until(lambda: self.get("/v1/receipts")["next"] == 2)
        self.assertEqual([receipt["state"] for receipt in self.get("/v1/receipts")["receipts"]], ["buffered", "expired"])
        self.control(add_receipts={"count": 3, "state": "delivered", "detail_chars": 9}, ignore_limit=True)
        self.assertEqual(len(self.get("/v1/receipts?limit=1")["receipts"]), 5)
        self.control(restart_receipts=True, receipt_states=[])
        self.send("b")
        until(lambda: self.get("/v1/receipts")["receipts"])
        self.assertEqual(self.get("/v1/receipts")["receipts"][0]["seq"], 1)
        self.assertEqual(self.get("/v1/receipts?after=4"), {"receipts": [], "next": 4})

    def test_lost_replies(self):
        self.gateway()
        self.control(mode="drop_reply", count=1)
        self.assertEqual(self.send()[0], None)
        self.assertEqual(len(self.get("/ledger")), 1)
        self.assertEqual(self.send()[0], 200)
        self.control(script=["drop_reply", "in_progress", "reject_duplicate"])
        self.assertEqual([self.send("k0")[0] for _ in range(4)], [None, 409, 400, 200])
        self.control(mode="say_rejected", count=1)
        self.assertEqual(self.send("k9")[1]["status"], "rejected")
        self.assertEqual(len(self.get("/ledger")), 2)
        for mode in ("down", "drop_request"):
            self.control(mode=mode, count=1)
            self.assertEqual(self.send("k2")[0], None)
        self.assertEqual(len(self.get("/ledger")), 2)
        self.control(mode="slow", delay_ms=200, count=1)
        began = time.monotonic()
        self.assertEqual(self.send("k3")[0], 200)
        self.assertGreaterEqual(time.monotonic() - began, 0.2)

    def test_one_row_for_simultaneous_requests(self):
        self.gateway()
        ids = []
        threads = [threading.Thread(target=lambda: ids.append(self.send()[1]["id"])) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((len(ids), len(set(ids)), len(self.get("/ledger"))), (8, 1, 1))


class ProxyTest(Case):
    def setUp(self):
        super().setUp()
        upstream = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(upstream.close)
        self.upstream_port = upstream.getsockname()[1]
        self.got = []
        threading.Thread(target=self.echo, args=(upstream,), daemon=True).start()
        _, ports = self.start("tcp_proxy.py", "--listen", 0, "--upstream",
                              f"127.0.0.1:{upstream.getsockname()[1]}", "--http-port", 0)
        self.url, self.port = f"http://127.0.0.1:{ports['http']}/control", ports["listen"]

    def echo(self, upstream):
        def serve(peer):
            with peer:
                try:
                    while data := peer.recv(4096):
                        self.got.append(data)
                        peer.sendall(data)
                except OSError:
                    pass
        while True:
            try:
                peer, _ = upstream.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(peer,), daemon=True).start()

    def connect(self, timeout=5):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout)
        self.addCleanup(connection.close)
        return connection

    def talk(self, connection, data):
        connection.sendall(data)
        return connection.recv(4096)

    def control(self, **wanted):
        status, view = http("POST", self.url, wanted)
        self.assertEqual(status, 200)
        return view

    def test_ok_refuse(self):
        live = self.connect()
        self.assertEqual(self.talk(live, b"one"), b"one")
        self.control(mode="refuse")
        with self.assertRaises(ConnectionRefusedError):
            self.connect()
        with self.assertRaises(ConnectionResetError):
            live.recv(1)
        self.control(mode="refuse", count=1)
        with self.assertRaises(ConnectionResetError):
            self.talk(self.connect(), b"x")
        again = self.connect()
        self.assertEqual(self.talk(again, b"two"), b"two")
        again.shutdown(socket.SHUT_WR)
        self.assertEqual(again.recv(1), b"")

    def test_a_cut_commit_passes_nothing_a_part_or_all_and_never_the_answer(self):
        for when in ("before", "inside", "after"):
            live = self.connect()
            self.assertEqual(self.talk(live, b"begin"), b"begin")
            self.got.clear()
            self.control(mode="cut_commit", marks=["commit"], when=when, count=1, seed=5)
            live.sendall(b"insert")
            self.assertEqual(live.recv(4096), b"insert")
            with self.assertRaises(ConnectionResetError):
                self.talk(live, b"commit now")
            self.assertEqual(self.control(mode="ok")["commits_cut"], {"before": 1, "inside": 2, "after": 3}[when])
            passed = b"".join(self.got)[len(b"insert"):]
            if when == "inside":
                self.assertTrue(len(passed) < len(b"commit now") and b"commit now".startswith(passed), passed)
            elif when == "after":
                until(lambda: b"".join(self.got).endswith(b"commit now"), "the whole piece upstream")
            else:
                self.assertEqual(passed, b"")

    def test_a_swizzle_stops_live_connections_and_lets_every_one_go_on(self):
        live = [self.connect() for _ in range(4)]
        for connection in live:
            self.assertEqual(self.talk(connection, b"one"), b"one")
        self.control(mode="swizzle", hold_ms=60, seed=3)
        time.sleep(0.2)
        for connection in live:
            connection.sendall(b"two")
        self.assertEqual(self.talk(self.connect(), b"new"), b"new")
        for connection in live:
            self.assertEqual(connection.recv(4096), b"two")

    def test_a_route_passes_over_an_upstream_that_does_not_listen(self):
        gone = socket.create_server(("127.0.0.1", 0))
        closed = gone.getsockname()[1]
        gone.close()
        open_port = self.upstream_port
        _, ports = self.start("tcp_proxy.py", "--route", f"a=0=127.0.0.1:{closed},127.0.0.1:{open_port}",
                              "--http-port", 0)
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", ports["a"]), 5) as connection:
                self.assertEqual(self.talk(connection, b"x"), b"x")
        status, view = http("GET", f"http://127.0.0.1:{ports['http']}/control?route=a")
        self.assertEqual((status, view["connections"]), (200, 3))

    def test_blackhole(self):
        live = self.connect()
        self.assertEqual(self.talk(live, b"one"), b"one")
        self.control(mode="blackhole")
        new = self.connect()
        for connection in (live, new):
            connection.settimeout(0.15)
            with self.assertRaises(TimeoutError):
                self.talk(connection, b"dark")
            connection.settimeout(5)
        self.control(mode="blackhole", count=1)
        self.assertEqual([live.recv(9), new.recv(9)], [b"dark"] * 2)
        dark = self.connect(0.15)
        with self.assertRaises(TimeoutError):
            self.talk(dark, b"dark")
        self.assertEqual(self.talk(self.connect(), b"light"), b"light")

    def test_cut_after(self):
        live = self.connect()
        self.assertEqual(self.talk(live, b"one"), b"one")
        self.control(mode="cut_after", bytes=4, direction="up", count=1)
        with self.assertRaises(ConnectionResetError):
            self.talk(live, b"123456")
            live.recv(1)
        until(lambda: b"".join(self.got) == b"one1234")
        self.control(mode="cut_after", bytes=0, direction="down")
        with self.assertRaises(ConnectionResetError):
            self.talk(self.connect(), b"lost reply")
        self.assertEqual(self.got[-1], b"lost reply")
        self.control(mode="ok", delay_ms=60)
        began = time.monotonic()
        self.assertEqual(self.talk(self.connect(), b"slow"), b"slow")
        self.assertGreaterEqual(time.monotonic() - began, 0.12)
        self.assertEqual(http("GET", self.url)[1]["cut"], 2)


if __name__ == "__main__":
    signal.alarm(60)
    unittest.main()
