"""A system of the district that calls through the edge, by gRPC as its clients speak it."""
import dataclasses

import grpc


@dataclasses.dataclass(frozen=True)
class Answer:
    """`headers` are all that came with the status."""
    code: str
    text: str
    message: bytes
    headers: dict


class System:
    """`pair`: its certificate, or None; `authority`: by which name it calls the edge."""

    def __init__(self, edge, pair, authority="intake.xixinting.example"):
        key, certificate = pair.read() if pair else (None, None)
        known = grpc.ssl_channel_credentials(edge.district.ca.read_bytes(), key, certificate)
        self.channel = grpc.secure_channel(f"127.0.0.1:{edge.port}", known, [
            ("grpc.use_local_subchannel_pool", 1), ("grpc.default_authority", authority),
            ("grpc.ssl_target_name_override", "intake.xixinting.example"),
            ("grpc.max_send_message_length", -1), ("grpc.max_metadata_size", 1 << 20)])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def call(self, method, message=b"", metadata=(), timeout=10):
        try:
            answer, call = self.channel.unary_unary(method).with_call(message, timeout=timeout, metadata=metadata)
            return Answer("OK", "", answer, dict(call.trailing_metadata() or ()))
        except grpc.RpcError as error:
            return Answer(error.code().name, error.details() or "", b"", dict(error.trailing_metadata() or ()))
