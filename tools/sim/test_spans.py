"""Tests of span_collector.py. Not a program; see test_sims.py."""
import json
import os

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1 import trace_pb2

from sim_case import Case


def text(attributes, key, value):
    attributes.add(key=key).value.string_value = value


class SpansTest(Case):
    def test_keeps_what_a_service_tells(self):
        ledger = os.path.join(self.dir, "spans")
        _, ports = self.start("span_collector.py", "--port", 0, "--ledger", ledger)
        request = trace_service_pb2.ExportTraceServiceRequest()
        of_service = request.resource_spans.add()
        text(of_service.resource.attributes, "service.name", "intake")
        span = of_service.scope_spans.add().spans.add(
            name="case.tell", kind=trace_pb2.Span.SPAN_KIND_CONSUMER, trace_id=b"\1" * 16, span_id=b"\2" * 8,
            parent_span_id=b"\3" * 8, start_time_unix_nano=1, end_time_unix_nano=2)
        text(span.attributes, "xixinting.task.outcome", "retry")
        text(span.events.add(name="an event").attributes, "phone", "13800000009")
        with grpc.insecure_channel(f"127.0.0.1:{ports['port']}") as channel:
            trace_service_pb2_grpc.TraceServiceStub(channel).Export(request, timeout=8, wait_for_ready=True)
        with open(ledger, encoding="utf-8") as rows:
            row = json.loads(rows.read())
        self.assertEqual(set(row.pop("words")), {
            "service.name", "intake", "case.tell", "xixinting.task.outcome", "retry", "SPAN_KIND_CONSUMER", "an event", "phone",
            "13800000009"})
        self.assertEqual(row, {"service": "intake", "name": "case.tell", "kind": "task", "trace": "01" * 16, "span": "02" * 8,
                               "parent": "03" * 8, "outcome": "retry"})
