"""The services' API for the campaign: any RPC by its name, bodies as JSON, answers as dicts."""
import json
import os
import pathlib
import subprocess
import threading
import time

# While no call waits for an answer, gRPC looks only this often whether a connection that it makes has come further, every
# 5 s if nothing is said: a handshake of TLS, which takes several looks, would not end before the try is given up.
os.environ.setdefault("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "50")
import grpc  # pylint: disable=wrong-import-position
import yaml
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Worth repeating under the same request id: the outcome is unknown, or it was not the request's fault. To a service
# whose clock was stepped every token has expired.
AGAIN = {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNKNOWN,
         grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.ABORTED, grpc.StatusCode.CANCELLED}
TIMEOUT_S = 3


class Schema:
    """Every message and method of protos/, compiled into an instance's folder."""

    def __init__(self, folder):
        out = folder / "protos.binpb"
        files = [str(path.relative_to(ROOT / "protos")) for path in (ROOT / "protos").rglob("*.proto")]
        google = ROOT / "tools/node_modules/google-gax/build/protos"
        subprocess.run(["protoc", "-I", ROOT / "protos", "-I", google, "--include_imports",
                        f"--descriptor_set_out={out}", *files], check=True)
        self.pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file:
            self.pool.Add(file)
        self.factory = message_factory.MessageFactory(self.pool)

    def method(self, name):
        """(path, request class, response class) of "xixinting.intake.v1.CaseService/GetCase"."""
        service, _, method = name.partition("/")
        found = self.pool.FindServiceByName(service).methods_by_name[method]
        return (f"/{name}", self.factory.GetPrototype(found.input_type), self.factory.GetPrototype(found.output_type))


class Refused(Exception):
    """An answer that repeating cannot change."""

    def __init__(self, code, text):
        super().__init__(f"{code.name}: {text}")
        self.code = code


def credentials(context):
    """Those of the instance whose context file this is, as `xxt` has them."""
    files = yaml.safe_load(context.read_text(encoding="utf-8"))["tls"]
    return grpc.ssl_channel_credentials(*(pathlib.Path(files[key]).read_bytes() for key in ("ca_file", "key_file", "certificate_file")))


class Client:
    """Thread-safe. `ports`: where each service listens; `context`: the instance's file; `more`: options of its channels."""

    def __init__(self, schema, ports, context, tokens, more=()):
        self.schema = schema
        self.tokens = tokens  # caller -> bearer token
        # A connection that a proxy reset is tried again at once, not after gRPC's two minutes. Of the three times the last is how
        # long a try may take: on a busy machine a handshake of TLS does not end in 50 ms.
        options = [("grpc.max_reconnect_backoff_ms", 500), ("grpc.initial_reconnect_backoff_ms", 50),
                   ("grpc.min_reconnect_backoff_ms", 3000), ("grpc.use_local_subchannel_pool", 1), *more]
        known = credentials(context)
        self.channels = {service: grpc.secure_channel(f"127.0.0.1:{port}", known, options)
                         for service, port in ports.items()}

    def close(self):
        for channel in self.channels.values():
            channel.close()

    def _metadata(self, caller):
        return (("authorization", f"Bearer {self.tokens[caller]}"),)

    def once(self, service, caller, name, body, timeout=TIMEOUT_S):
        """One try. Raises grpc.RpcError."""
        path, request, response = self.schema.method(name)
        call = self.channels[service].unary_unary(
            path, request_serializer=request.SerializeToString, response_deserializer=response.FromString)
        answer = call(json_format.ParseDict(body, request()), timeout=timeout, metadata=self._metadata(caller))
        return json_format.MessageToDict(answer, preserving_proto_field_name=True)

    def until_answered(self, service, caller, name, body, give_up, patience_s=150):
        """Repeats the same request until it is answered. Raises Refused, or TimeoutError when nothing
        answered for `patience_s` or `give_up` was set."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and not give_up.is_set():
            try:
                return self.once(service, caller, name, body)
            except grpc.RpcError as error:
                if error.code() not in AGAIN:
                    raise Refused(error.code(), error.details()) from None
            time.sleep(0.1)
        raise TimeoutError(name)


class Watch(threading.Thread):
    """Follows the events of one service across every fault, by resume tokens; `seen` are their ids in order.

    After a promotion its token is of another history: it is told so, and follows what comes from then on.
    """

    def __init__(self, client, service, caller, name):
        super().__init__(daemon=True)
        self.client, self.service, self.caller, self.name_ = client, service, caller, name
        self.seen, self.complaints = [], []
        self.expired = []  # how many had been seen then
        self.token = ""
        self.listening, self.ending = threading.Event(), threading.Event()
        self.stream = None

    def run(self):
        path, request, response = self.client.schema.method(self.name_)
        while not self.ending.is_set():
            try:
                self.stream = self.client.channels[self.service].unary_stream(
                    path, request_serializer=request.SerializeToString, response_deserializer=response.FromString)(
                        request(resume_token=self.token), metadata=self.client._metadata(self.caller))
                for answer in self.stream:
                    self.seen += [event.id for event in answer.events]
                    self.token = answer.resume_token or self.token
                    self.listening.set()
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.OUT_OF_RANGE:  # RESUME_TOKEN_EXPIRED
                    self.expired.append(len(self.seen))
                    self.token = ""
                elif error.code() not in AGAIN and not self.ending.is_set():
                    self.complaints.append(f"{self.name_} was refused: {error.code().name} {error.details()}")
                    return
            time.sleep(0.1)

    def stop(self):
        self.ending.set()
        if self.stream is not None:
            self.stream.cancel()
        self.join(5)


def mint(xxt, context, caller):
    return subprocess.run([xxt, "--context", context, "--as", caller, "token", "mint"], check=True,
                          capture_output=True, text=True).stdout.strip()


def dumps(value):
    return json.dumps(value, ensure_ascii=False)
