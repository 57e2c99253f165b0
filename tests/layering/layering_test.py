"""Reads every #include of the project and refuses those that point the wrong way.

Inside one service the arrows go down only, and services know each other through protos alone:

    main -> api -> app -> storage -> domain
                    └---> peers  --> domain
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What a layer may include besides itself, the standard library and absl. "service/x" is layer x of the same service,
# "common/x" the folder common/x, "proto/" generated code, "lib/" any other library. The files directly in a service's
# folder put it together and may include all of it.
ALLOWED = {
    "main": {"service/", "common/", "proto/", "lib/"},
    "api": {"service/app", "service/domain", "common/", "proto/", "lib/"},
    "app": {"service/domain", "service/storage", "service/peers", "common/"},
    "peers": {"service/domain", "common/", "proto/", "lib/"},
    "storage": {"service/domain", "common/", "lib/json"},
    "domain": {"common/calendar", "common/identifiers", "common/status", "common/text", "lib/text"},
    "common": {"common/", "proto/common/", "lib/"},
    "cli": {"tools/xxt", "common/", "proto/", "lib/"},
}

# Libraries that only compute, by the first part of the include.
LIBRARIES = {"nlohmann": "lib/json", "unicode": "lib/text", "utf8proc.h": "lib/text"}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def layer_of(path):
    """Returns (layer, service) of a source; service is None outside services/."""
    parts = path.split("/")
    if parts[0] == "services":
        return ("main" if len(parts) == 3 else parts[2]), parts[1]
    return {"common": "common", "tools": "cli"}[parts[0]], None


def target_of(include, bracket, service):
    """Names what an include points at, in the words of ALLOWED; None if everybody may include it."""
    parts = include.split("/")
    if parts[0] == "services":
        if parts[1] != service:
            return "other service"
        return "service/" + (parts[2] if len(parts) > 3 else "main")
    if parts[0] == "common":
        return "common/" + parts[1]
    if parts[0] == "tools":
        return "tools/" + parts[1]
    if parts[0] == "xixinting":
        return "proto/" + parts[1] + "/"
    if parts[0] == "google" and include.endswith(".pb.h"):
        return "proto/common/"
    if parts[0] == "absl" or (bracket == "<" and re.fullmatch(r"[a-z_]+", include)):
        return None
    return LIBRARIES.get(parts[0], "lib/")


def breaches(path, text):
    """Returns one sentence for each include of the source that its layer must not have."""
    layer, service = layer_of(path)
    if layer not in ALLOWED:
        return [f"{path}: '{layer}' is no layer; there are {', '.join(ALLOWED)}"]
    # A test may reach across its own service, but not into another one.
    if path.endswith("_test.cc"):
        allowed = ALLOWED["cli" if layer == "cli" else "main"]
    else:
        allowed = ALLOWED[layer]
    own = {"main": "service/", "common": "common/", "cli": "tools/xxt"}.get(layer, f"service/{layer}")
    found = []
    for bracket, include in INCLUDE.findall(text):
        target = target_of(include, bracket, service)
        if target is None or target == own:
            continue
        if not any(target == one or (one.endswith("/") and target.startswith(one)) for one in allowed):
            found.append(f"{path}: {layer} must not include {include}")
    return found


def sources():
    for top in ("common", "services", "tools/xxt"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in (".h", ".cc"):
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


class Layering(unittest.TestCase):
    def test_every_include_points_down(self):
        found = [breach for path, text in sources() for breach in breaches(path, text)]
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_a_breach_is_seen(self):
        for path, include in (
            ("services/intake/domain/case.cc", '"common/pg/pool.h"'),
            ("services/intake/domain/case.cc", '"services/intake/storage/case_store.h"'),
            ("services/intake/domain/case.cc", "<grpcpp/grpcpp.h>"),
            ("services/intake/domain/case.cc", "<nlohmann/json.hpp>"),
            ("services/intake/storage/case_store.h", '"xixinting/intake/v1/case.pb.h"'),
            ("services/intake/app/cases.h", '"services/intake/api/case_service.h"'),
            ("services/intake/app/cases.h", '"xixinting/intake/v1/case.pb.h"'),
            ("services/intake/api/case_service.cc", '"services/intake/storage/case_store.h"'),
            ("services/intake/main.cc", '"services/referral/config.h"'),
            ("services/intake/api/case_service_test.cc", '"services/referral/domain/chase.h"'),
            ("services/intake/utils/text.h", "<string>"),
            ("common/pg/pool.h", '"services/intake/config.h"'),
            ("common/tasks/engine.cc", '"xixinting/referral/v1/referral.pb.h"'),
            ("tools/xxt/main.cc", '"services/intake/config.h"'),
        ):
            with self.subTest(path=path, include=include):
                self.assertEqual(len(breaches(path, f"#include {include}\n")), 1)

    def test_what_points_down_is_left_alone(self):
        for path, include in (
            ("services/intake/main.cc", '"services/intake/storage/schema.h"'),
            ("services/intake/api/case_service.cc", '"xixinting/referral/v1/referral.pb.h"'),
            ("services/intake/api/case_service_test.cc", '"services/intake/storage/case_store.h"'),
            ("services/intake/domain/case.cc", '"services/intake/domain/case.h"'),
            ("services/intake/domain/case.cc", '"absl/status/status.h"'),
            ("services/intake/domain/case.cc", "<unicode/uchar.h>"),
            ("services/intake/storage/case_store.cc", '"nlohmann/json.hpp"'),
            ("services/intake/peers/notification.cc", '"xixinting/notification/v1/message_service.grpc.pb.h"'),
            ("common/rpc/edge.h", '"google/rpc/status.pb.h"'),
        ):
            with self.subTest(path=path, include=include):
                self.assertEqual(breaches(path, f"#include {include}\n"), [])


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
