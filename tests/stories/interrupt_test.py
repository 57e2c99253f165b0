#!/usr/bin/env python3
"""Ctrl-C while a scenario waits: it ends at once, says so, and still cleans up. Usage: interrupt_test.py XXT"""

import http.server
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

XXT = sys.argv.pop(1)
SCENARIO = """
desc: waits for what never comes
steps:
  - http: {{get: "http://127.0.0.1:{port}/waiting"}}
    eventually: {{within: 60s}}
    expect: {{state: done}}
  - http: {{get: "http://127.0.0.1:{port}/next"}}
cleanup:
  - http: {{get: "http://127.0.0.1:{port}/first"}}
  - http: {{get: "http://127.0.0.1:{port}/second"}}
"""


class World(http.server.BaseHTTPRequestHandler):
    """Answers everything the same, and remembers what was asked."""

    asked: list = []
    changed = threading.Condition()

    def do_GET(self):
        with World.changed:
            World.asked.append(self.path)
            World.changed.notify_all()
        body = b'{"state": "open"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Interrupt(unittest.TestCase):
    def test_a_waiting_scenario_ends_at_once_and_cleans_up(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), World)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        with tempfile.TemporaryDirectory() as folder:
            scenario = pathlib.Path(folder, "waits.yaml")
            scenario.write_text(SCENARIO.format(port=server.server_port), encoding="utf-8")
            context = pathlib.Path(folder, "xxt.yaml")
            context.write_text("endpoints: {}\n", encoding="utf-8")
            xxt = subprocess.Popen([XXT, "--context", str(context), "scenario", "run", str(scenario)],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.addCleanup(xxt.kill)
            with World.changed:
                self.assertTrue(World.changed.wait_for(lambda: World.asked, timeout=20))
            xxt.send_signal(signal.SIGINT)
            said, _ = xxt.communicate(timeout=20)
        self.assertEqual(xxt.returncode, 130, said)
        self.assertIn("interrupted", said)
        self.assertNotIn("expected", said)
        self.assertNotIn("/next", World.asked)
        self.assertEqual(World.asked[-2:], ["/first", "/second"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
