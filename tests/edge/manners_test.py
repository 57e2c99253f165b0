"""How the edge answers where no service does, and what it lets through: before a gRPC server that says what it was told."""
import concurrent.futures
import functools
import http.client
import itertools
import json
import pathlib
import re
import ssl
import socket
import subprocess
import tempfile
import time
import unittest

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

import district
import edge
import system

GET = "/xixinting.intake.v1.CaseService/GetCase"
WATCH = "/xixinting.intake.v1.CaseService/WatchCases"
OPEN = 256  # calls that a system may have open
GOOGLE = edge.ROOT / "tools/node_modules/google-gax/build/protos"
GOOGLE_RPC = "type.googleapis.com/google.rpc."
ERROR_BYTES = 5500  # in base64 what a gRPC client takes of metadata


class Upstream(grpc.GenericRpcHandler):
    """Answers with the headers that came to it; a request of "fail" with an error as large as one may be."""

    def service(self, handler_call_details):
        if handler_call_details.method == WATCH:
            return grpc.unary_stream_rpc_method_handler(self.tell)
        return grpc.unary_unary_rpc_method_handler(self.answer)

    def tell(self, _, context):
        while context.is_active():
            yield b""
            time.sleep(0.1)

    def answer(self, request, context):
        if request == b"fail":
            context.set_trailing_metadata((("grpc-status-details-bin", b"x" * ERROR_BYTES),))
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "unfit")
        return json.dumps([(key, str(value)) for key, value in context.invocation_metadata()]).encode()


def serve(pair, ca):
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(OPEN + 8), handlers=[Upstream()],
                         options=[("grpc.max_receive_message_length", 1 << 20)])
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair.read()], ca.read_bytes(), True))
    server.start()
    return server, port


@functools.cache
def details_pool():
    """The types of google.rpc, and any of their messages by its name."""
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["protoc", "-I", GOOGLE, "--include_imports", f"--descriptor_set_out={out.name}",
                        "google/rpc/status.proto", "google/rpc/error_details.proto"], check=True)
        files = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(out.name).read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool


def details(headers):
    """What grpc-status-details-bin says, as JSON has it."""
    pool = details_pool()
    status = message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("google.rpc.Status"))
    return json_format.MessageToDict(status.FromString(headers["grpc-status-details-bin"]), descriptor_pool=pool)


class Manners(unittest.TestCase):
    number = itertools.count()
    names = ",".join(f"DNS:{service}.xixinting.example" for service in edge.SERVICES)

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="xixinting-edge.")))
        cls.district = district.Authority(cls.folder / "district")
        inside = district.Authority(cls.folder / "inside")
        ours = inside.issue("edge")
        (cls.folder / "tls").mkdir()
        for name, file in (("tls.crt", ours.certificate), ("tls.key", ours.key), ("ca.crt", inside.ca)):
            (cls.folder / "tls" / name).symlink_to(file)
        intake, cls.port = serve(inside.issue("intake", "DNS:intake-grpc"), inside.ca)
        # Who has the certificate of intake and is called referral is nobody.
        referral, posing = serve(inside.issue("posing", "DNS:intake-grpc"), inside.ca)
        cls.addClassCleanup(intake.stop, None)
        cls.addClassCleanup(referral.stop, None)
        cls.edge = cls.enterClassContext(edge.Edge(
            cls.folder / "run", cls.district, cls.district.issue("server", cls.names), cls.folder / "tls",
            {"intake": cls.port, "referral": posing, "notification": edge.free_ports(1)}, shutdown="2s"))

    def system(self, pair="", **more):
        """A system with that certificate, or with one that nobody else has."""
        pair = self.district.issue(f"system-{next(self.number)}") if pair == "" else pair
        return self.enterContext(system.System(self.edge, pair, **more))

    def test_lets_a_call_through_with_its_token_and_trace_and_nothing_that_poses_as_the_edges_word(self):
        kept = {"authorization": "Bearer x", "traceparent": "00-11-22-01", "x-b-bin": b"\x01"}
        dropped = {"forwarded": "for=1", "x-forwarded-for": "1", "x-forwarded-host": "h", "x-forwarded-proto": "http",
                   "x-real-ip": "1", "cookie": "c", "baggage": "b=1", "tracestate": "t=1"}
        answer = self.system().call(GET, b"x", tuple({**kept, **dropped}.items()))
        self.assertEqual(answer.code, "OK")
        came = dict(json.loads(answer.message))
        self.assertEqual({key: came.get(key) for key in kept}, {key: str(value) for key, value in kept.items()})
        self.assertEqual(set(dropped) & set(came), set())

    def test_lets_an_error_through_that_says_much(self):
        answer = self.system().call(GET, b"fail")
        self.assertEqual((answer.code, answer.text), ("INVALID_ARGUMENT", "unfit"))
        self.assertEqual(len(answer.headers["grpc-status-details-bin"]), ERROR_BYTES)

    def test_knows_no_method_that_is_not_public(self):
        caller = self.system()
        for method in ("/grpc.health.v1.Health/Check", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                       "/grpc.channelz.v1.Channelz/GetTopChannels", "/xixinting.common.v1.ClockService/AdvanceClock",
                       "/xixinting.intake.v1.CaseService/GetCase/more", "/xixinting.intake.v2.CaseService/GetCase",
                       "/xixinting.intake.v1.CaseService/GetCase?x=y", "/xixinting.intake.v1.CaseService/../CaseService/GetCase",
                       "/grpc.health.v1.Health/%2e%2e/xixinting.intake.v1.CaseService/GetCase", "/", "/ready"):
            with self.subTest(method):
                answer = caller.call(method)
                self.assertEqual((answer.code, answer.text), ("UNIMPLEMENTED", "no such method at the edge"))

    def test_takes_no_task_service_of_a_name_that_is_no_services(self):
        pair = self.district.issue("tasks")
        method = "/xixinting.common.v1.TaskService/ListTasks"
        self.assertEqual(self.system(pair).call(method).code, "OK")
        caller = self.system(pair, authority="elsewhere.example")
        self.assertEqual(caller.call(method).code, "UNIMPLEMENTED")

    def test_refuses_who_has_no_certificate_a_strangers_or_a_revoked_one(self):
        revoked = self.district.issue("revoked")
        stranger = district.Authority(self.folder / "stranger").issue("stranger")
        self.assertEqual(self.system(revoked).call(GET).code, "OK")
        self.edge.revoke(revoked)  # and no restart
        for name, pair in (("none", None), ("stranger", stranger), ("revoked", revoked)):
            with self.subTest(name):
                answer = self.system(pair).call(GET)
                self.assertEqual((answer.code, answer.text), (
                    "UNAUTHENTICATED", "a valid client certificate of a district system is needed"))
        self.assertEqual(self.system().call(GET).code, "OK")

    def test_ends_what_a_revoked_system_has_open_and_lets_others_watch_again(self):
        revoked, other = self.district.issue("was-open"), self.system()
        streams = [caller.channel.unary_stream(WATCH)(b"", timeout=60) for caller in (self.system(revoked), other)]
        for stream in streams:
            next(stream)
        self.edge.revoke(revoked)
        for stream in streams:
            with self.assertRaises(grpc.RpcError) as ended:
                for _ in stream:
                    pass
            self.assertEqual(ended.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertEqual(self.system(revoked).call(GET).code, "UNAUTHENTICATED")
        next(other.channel.unary_stream(WATCH)(b"", timeout=60))

    def test_takes_another_certificate_of_its_own_once_certificate_and_key_fit(self):
        old, new = self.shown(), self.district.issue("renewed", self.names)
        self.edge.point("server/tls.crt", new.certificate)
        self.wait(lambda: "key values mismatch" in self.edge.errors(), "the two that do not fit")
        self.assertEqual(self.shown(), old)
        self.assertEqual(self.system().call(GET).code, "OK")
        self.edge.point("server/tls.key", new.key)
        self.wait(lambda: self.shown() == ssl.PEM_cert_to_DER_cert(new.certificate.read_text()), "the new certificate")
        self.assertEqual(self.system().call(GET).code, "OK")

    def shown(self):
        """The certificate that the edge shows."""
        return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", self.edge.port), timeout=10))

    def wait(self, happened, what, seconds=20):
        deadline = time.monotonic() + seconds
        while not happened():
            self.assertLess(time.monotonic(), deadline, f"waited {seconds} s for {what}")
            time.sleep(0.1)

    def until(self, code, call):
        self.wait(lambda: call().code == code, code)

    def test_takes_messages_that_a_service_takes_and_refuses_larger_ones_for_good(self):
        caller = self.system()
        self.assertEqual(caller.call(GET, b"x" * (1 << 20)).code, "OK")
        for size in (2 << 20, 20 << 20):
            answer = caller.call(GET, b"x" * size)
            self.assertEqual((answer.code, answer.text), ("RESOURCE_EXHAUSTED", "the request is too large"))
            self.assertEqual(answer.headers["grpc-retry-pushback-ms"], "-1")

    def test_refuses_too_many_headers_for_good(self):
        answer = self.system().call(GET, b"", tuple((f"x-{i}", "y") for i in range(100)))
        self.assertEqual((answer.code, answer.text), ("RESOURCE_EXHAUSTED", "the request is too large"))
        self.assertEqual(answer.headers["grpc-retry-pushback-ms"], "-1")

    def test_tells_who_calls_too_often_when_to_come_again_and_lets_others_call(self):
        greedy, other = self.system(), self.system(self.district.issue("patient"))
        futures = [greedy.channel.unary_unary(GET).future(b"", timeout=10) for _ in range(400)]
        self.assertEqual(other.call(GET).code, "OK")
        codes = {future.code().name for future in futures}
        self.assertEqual(codes, {"OK", "RESOURCE_EXHAUSTED"})
        answer = next(future for future in futures if future.code().name != "OK")
        headers = dict(answer.trailing_metadata())
        self.assertEqual(headers["grpc-retry-pushback-ms"], "1000")
        self.assertEqual(details(headers), {"code": 8, "message": "too many calls of this system", "details": [
            {"@type": GOOGLE_RPC + "ErrorInfo", "reason": "AT_CAPACITY", "domain": "xixinting"},
            {"@type": GOOGLE_RPC + "LocalizedMessage", "locale": "zh-CN", "message": "贵系统的请求过多，请稍候再试"},
            {"@type": GOOGLE_RPC + "RetryInfo", "retryDelay": "1s"}]})
        self.until("OK", lambda: greedy.call(GET))

    def test_holds_so_many_calls_of_a_system_open_and_no_more(self):
        pair = self.district.issue("watching")
        callers, streams, refused = [self.system(pair) for _ in range(3)], [], 0
        while refused < 50 and len(streams) <= OPEN:  # a second of refusals is not for the rate
            stream = callers[len(streams) % 3].channel.unary_stream(WATCH)(b"", timeout=60)
            try:
                next(stream)
                streams.append(stream)
                refused = 0
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                refused += 1
                time.sleep(0.02)
        self.assertEqual(len(streams), OPEN)
        streams[0].cancel()
        self.until("OK", lambda: callers[0].call(GET))

    def test_says_when_to_come_again_where_a_service_is_away(self):
        answer = self.system().call("/xixinting.notification.v1.MessageService/GetMessage")
        self.assertEqual((answer.code, answer.text), ("UNAVAILABLE", "the service does not answer"))
        self.assertEqual(answer.headers["grpc-retry-pushback-ms"], "1000")
        self.assertEqual(details(answer.headers), {"code": 14, "message": answer.text, "details": [
            {"@type": GOOGLE_RPC + "LocalizedMessage", "locale": "zh-CN", "message": "服务暂时没有应答，请稍候用同一请求编号重发"},
            {"@type": GOOGLE_RPC + "RetryInfo", "retryDelay": "1s"}]})

    def test_speaks_to_nobody_who_has_not_the_name_of_the_service(self):
        answer = self.system().call("/xixinting.referral.v1.ReferralService/GetReferral")
        self.assertEqual((answer.code, answer.text), ("UNAVAILABLE", "the service does not answer"))
        self.assertIn('SSL certificate does not match "referral-grpc"', self.edge.errors())

    def test_answers_other_http_as_grpc_does(self):
        tls = ssl.create_default_context(cafile=self.district.ca)
        pair = self.district.issue("old")
        tls.load_cert_chain(pair.certificate, pair.key)
        with socket.create_connection(("127.0.0.1", self.edge.port)) as plain, tls.wrap_socket(
                plain, server_hostname="intake.xixinting.example") as connection:
            connection.sendall(f"POST {GET} HTTP/1.1\r\nHost: intake.xixinting.example\r\nContent-Length: 0\r\n"
                               "Connection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
        self.assertIn("200 OK", answer)
        self.assertIn("grpc-status: 13", answer)

    def test_logs_the_method_the_system_and_the_outcome_and_no_word_of_the_caller(self):
        caller = self.system(self.district.issue("logged"))
        caller.call(GET, b"secret-body", (("authorization", "Bearer secret-token"),))
        caller.call("/cases/secret-path")
        self.wait(lambda: self.edge.calls().count('"CN=logged"') == 2, "the log")
        lines = [json.loads(line) for line in self.edge.calls().splitlines() if '"CN=logged"' in line]
        self.assertEqual([(line["method"], line["grpc"], line["verified"]) for line in lines],
                         [(GET, "0", "SUCCESS"), ("", "12", "SUCCESS")])
        self.assertNotIn("secret", self.edge.calls() + self.edge.errors())

    def test_tells_prometheus_what_is_open_and_what_came(self):
        page = self.edge.page()
        checked = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True, check=False)
        self.assertEqual(checked.stdout + checked.stderr, "")
        before = self.edge.told()
        self.assertEqual(set(before), set(re.findall(r"^# TYPE (\S+)", page, re.MULTILINE)))
        caller = self.system()
        for _ in range(7):
            caller.call(GET)
        after = self.edge.told()
        came = {name: after[name] - before[name] for name in before}
        # Beside them it was asked for these figures, once from outside and once by itself, and maybe whether it is ready.
        self.assertLessEqual(7 + 2, came["xixinting_edge_requests_total"])
        self.assertLess(came["xixinting_edge_requests_total"], 7 + 2 + 5)
        self.assertEqual(came["xixinting_edge_connections_accepted_total"], came["xixinting_edge_connections_handled_total"])
        stream = caller.channel.unary_stream(WATCH)(b"", timeout=60)
        next(stream)
        self.wait(lambda: self.edge.told()["xixinting_edge_requests_open"] == before["xixinting_edge_requests_open"] + 1, "the watch")

    def test_shows_its_other_pages_and_those_of_nginx_to_nobody(self):
        for path, status in (("/metrics", 200), ("/status", 403), ("/read", 404), ("/nginx.conf", 404), ("/", 404)):
            connection = http.client.HTTPConnection("127.0.0.1", self.edge.metrics, timeout=5, source_address=("127.0.0.2", 0))
            self.addCleanup(connection.close)
            connection.request("GET", path)
            self.assertEqual(connection.getresponse().status, status, path)


if __name__ == "__main__":
    unittest.main()
