#!/usr/bin/python3
"""A collector of spans: takes OTLP over gRPC, as the services export it, and keeps what came.

  span_collector.py --port P --ledger FILE

The ledger has a row for each span: {service, name, kind, trace, span, parent, outcome, words}. Ids are hex, parent is ""
for none; outcome is what the attribute says that ends in status_code or outcome; words are all texts that came with the
span, its names and attributes and those of its service, so that what must not be there can be looked for.
"""
import argparse
import asyncio

import grpc
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

import simlib

KINDS = {2: "call", 5: "task"}  # OTLP's SERVER and CONSUMER
IDS = {"traceId", "spanId", "parentSpanId"}


def words_of(value):
    """Yields every text in what JSON makes of a message, but for ids."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key not in IDS:
                yield from words_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from words_of(part)
    elif isinstance(value, str):
        yield value


def row_of(resource, scope, span):
    attributes = {one.key: one.value.string_value for one in span.attributes}
    of_service = {one.key: one.value.string_value for one in resource.attributes}
    whole = [json_format.MessageToDict(part) for part in (resource, scope, span)]
    for time in ("startTimeUnixNano", "endTimeUnixNano"):
        whole[2].pop(time, None)
    return {
        "service": of_service.get("service.name", ""),
        "name": span.name,
        "kind": KINDS.get(span.kind, str(span.kind)),
        "trace": span.trace_id.hex(),
        "span": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "outcome": next((text for key, text in attributes.items() if key.endswith(("status_code", "outcome"))), ""),
        "words": sorted(set(words_of(whole))),
    }


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self, ledger):
        self.ledger = ledger

    async def Export(self, request, context):  # The name is OTLP's.
        rows = [row_of(of_service.resource, of_scope.scope, span) for of_service in request.resource_spans
                for of_scope in of_service.scope_spans for span in of_scope.spans]
        await asyncio.gather(*(self.ledger.append(row) for row in rows))
        return trace_service_pb2.ExportTraceServiceResponse()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ledger", required=True)
    arguments = parser.parse_args()
    servers = []  # One that nobody holds is stopped.

    async def start():
        server = grpc.aio.server()
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Collector(simlib.Ledger(arguments.ledger)), server)
        port = server.add_insecure_port(f"{simlib.HOST}:{arguments.port}")
        await server.start()
        servers.append(server)
        return f"port={port}"

    simlib.run("spans", start)


if __name__ == "__main__":
    main()
