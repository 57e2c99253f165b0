"""Reads every #include of the project and refuses those that point the wrong way.

Services know each other through protos alone. What a service holds is one folder per noun, a slice, and the suffix of a
file is its layer: `_rules` only computes, `_peer` talks to one party outside, the rest is use cases. Slices stand in the
order of the service's slices.h, and include what stands above them. The files beside them put the service together.
"""

import functools
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What a file may include besides the standard library and absl, by its layer. "slices/" are the own slice and those
# above it, "service/" all else of the same service, "common/x" the folder common/x, "proto/" generated code, "lib/" any
# other library.
ALLOWED = {
    "rules": {"rules above", "common/calendar", "common/identifiers", "common/status", "common/text"},
    "peer": {"slices/", "common/", "proto/", "lib/"},
    "use cases": {"slices/", "common/", "proto/", "lib/protobuf", "lib/json", "lib/text", "lib/yaml"},
    "test of a slice": {"slices/", "service/", "a world", "common/", "proto/", "lib/"},
    "main": {"slices/", "service/", "common/", "proto/", "lib/"},
    "common": {"common/", "proto/common/", "lib/"},
    "test of common": {"common/", "proto/", "lib/"},
    "cli": {"tools/xxt/", "common/", "proto/", "lib/"},
    # The operator's tool is linked with the services' slices, but knows none of them. It alone speaks to PostgreSQL by
    # libpqxx (docs/decisions/0002).
    "store tool": {"tools/xxt-store/", "common/", "proto/", "lib/", "libpqxx"},
}

# Libraries that only compute, by the first part of the include.
LIBRARIES = {"google": "lib/protobuf", "nlohmann": "lib/json", "unicode": "lib/text", "utf8proc.h": "lib/text",
             "yaml-cpp": "lib/yaml", "gmime": "lib/text", "glib.h": "lib/text"}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


@functools.cache
def slices_of(service):
    """Returns the folders of the service's slices, in the order of its slices.h: behind what makes one, or on a line of its own."""
    path = ROOT / "services" / service / "slices.h"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return list(dict.fromkeys(re.findall(r"^(?:edge::Slice \w+\(.*\);\s*)?// (\w+)/", text, re.MULTILINE)))


def suffix_of(path):
    found = re.search(r"_(rules|peer|test|world)\.(?:h|cc)$", path)
    return found[1] if found else ""


def place_of(path):
    """Returns (layer, service, slice) of a source; layer is None for a folder that is no place for one."""
    parts = path.split("/")
    test = path.endswith("_test.cc")
    if parts[0] == "common":
        return "test of common" if test else "common", None, None
    if parts[0] == "tools":
        return {"xxt": "cli", "xxt-store": "store tool"}[parts[1]], None, None
    if len(parts) == 3:
        return "main", parts[1], None
    if parts[2] not in slices_of(parts[1]):
        return None, parts[1], None
    layer = {"rules": "rules", "peer": "peer", "test": "test of a slice", "world": "test of a slice"}.get(suffix_of(path), "use cases")
    return layer, parts[1], parts[2]


def target_of(include, bracket, service, own):
    """Names what an include of a file in the slice `own` points at, in the words of ALLOWED; None if all may include it."""
    parts = include.split("/")
    if parts[0] == "services":
        if parts[1] != service:
            return "other service"
        if include == f"services/{service}/slices.h":
            return "slices/"
        if suffix_of(include) == "world":
            return "a world"
        slices = slices_of(service)
        if len(parts) == 3 or parts[2] not in slices:
            return "service/"
        if own and slices.index(parts[2]) > slices.index(own):
            return "service/a slice below"
        return "rules above" if suffix_of(include) == "rules" else "slices/"
    if parts[0] == "common":
        return f"common/{parts[1]}"
    if parts[0] == "tools":
        return f"tools/{parts[1]}/"
    if parts[0] == "xixinting":
        return f"proto/{parts[1]}/"
    if parts[0] == "google" and include.endswith(".pb.h"):
        return "proto/common/"
    if parts[0] == "absl" or (bracket == "<" and re.fullmatch(r"[a-z_]+", include)):
        return None
    return "libpqxx" if parts[0] == "pqxx" else LIBRARIES.get(parts[0], "lib/")


def may_include(layer, target):
    if target == "rules above" and "slices/" in ALLOWED[layer]:
        return True
    return any(target == one or (one.endswith("/") and target.startswith(one)) for one in ALLOWED[layer])


def breaches(path, text):
    """Returns one sentence for each include of the source that its layer must not have."""
    layer, service, own = place_of(path)
    if layer is None:
        return [f"{path}: is in no slice of services/{service}/slices.h"]
    found = []
    for bracket, include in INCLUDE.findall(text):
        target = target_of(include, bracket, service, own)
        if target is not None and not may_include(layer, target):
            found.append(f"{path}: {layer} must not include {include}")
        elif own and layer != "peer" and include.endswith(".grpc.pb.h"):
            homes = (f"{own}.cc", include.split("/")[-1].replace(".grpc.pb.h", ".cc"))
            if path.split("/")[-1] not in homes:
                found.append(f"{path}: only {' or '.join(homes)} includes {include}")
    return found


def sources():
    for top in ("common", "services", "tools/xxt", "tools/xxt-store"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in (".h", ".cc"):
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


class Layering(unittest.TestCase):
    def test_every_service_has_slices(self):
        for service in ("intake", "referral", "notification"):
            self.assertGreater(len(slices_of(service)), 2, service)

    def test_every_include_points_up(self):
        found = [breach for path, text in sources() for breach in breaches(path, text)]
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_a_breach_is_seen(self):
        for path, include in (
            # Between services, and what is no service.
            ("services/intake/main.cc", '"services/referral/config.h"'),
            ("services/intake/config_test.cc", '"services/referral/chase/chase_rules.h"'),
            ("services/intake/promise/promise.cc", '"services/referral/chase/chase_rules.h"'),
            ("services/intake/promise/promise_test.cc", '"services/referral/testing.h"'),
            ("common/pg/pool.h", '"services/intake/config.h"'),
            ("common/pg/pool_test.cc", '"services/intake/config.h"'),
            ("common/tasks/engine.cc", '"xixinting/referral/v1/referral.pb.h"'),
            ("tools/xxt/main.cc", '"services/intake/config.h"'),
            ("tools/xxt-store/verify.cc", '"services/intake/contact/contact.h"'),
            ("tools/xxt-store/app_test.cc", '"tools/xxt/app.h"'),
            # Folders that are no slices.
            ("services/intake/utils/text.h", "<string>"),
            ("services/intake/domain/case.cc", "<string>"),
            # PostgreSQL by another way than common/pg.
            ("common/pg/pool.cc", "<pqxx/pqxx>"),
            ("services/referral/main.cc", "<pqxx/pqxx>"),
            ("services/intake/promise/promise.cc", "<pqxx/pqxx>"),
            # Suffixes.
            ("services/intake/promise/promise_rules.cc", '"xixinting/intake/v1/promise.pb.h"'),
            ("services/intake/promise/promise_rules.cc", "<nlohmann/json.hpp>"),
            ("services/intake/promise/promise_rules.h", '"common/pg/session.h"'),
            ("services/intake/promise/promise_rules.h", '"services/intake/promise/promise.h"'),
            ("services/intake/promise/promise_rules.h", '"services/intake/slices.h"'),
            ("services/intake/promise/promise.cc", "<grpcpp/grpcpp.h>"),
            ("services/intake/promise/promise.cc", "<curl/curl.h>"),
            ("services/intake/promise/promise.cc", '"services/intake/config.h"'),
            ("services/notification/channel/sms_gateway_peer.cc", '"services/notification/config.h"'),
            ("services/referral/chase/steps.cc", '"services/referral/chase/asking_world.h"'),
            # The order of slices.
            ("services/intake/contact/contact.cc", '"services/intake/promise/promise.h"'),
            ("services/intake/cases/notification_peer.cc", '"services/intake/promise/promise.h"'),
            ("services/intake/hall/hall.cc", '"services/intake/promise/promise.h"'),
            ("services/intake/hall/rota_rules.h", '"services/intake/paper/checklist_rules.h"'),
            # Stubs.
            ("services/intake/promise/keep.cc", '"xixinting/intake/v1/promise.grpc.pb.h"'),
            ("services/intake/promise/promise_test.cc", '"xixinting/intake/v1/promise.grpc.pb.h"'),
            ("services/intake/hall/duty_cache.cc", '"xixinting/intake/v1/shift.grpc.pb.h"'),
        ):
            with self.subTest(path=path, include=include):
                self.assertEqual(len(breaches(path, f"#include {include}\n")), 1)

    def test_what_points_up_is_left_alone(self):
        for path, include in (
            ("services/intake/main.cc", '"services/intake/assembly.h"'),
            ("services/intake/assembly.cc", '"services/intake/closing/closing.h"'),
            ("services/intake/testing.cc", '"xixinting/intake/v1/case_service.grpc.pb.h"'),
            ("services/intake/hall/shift.cc", '"xixinting/intake/v1/shift.grpc.pb.h"'),
            ("services/intake/promise/promise.cc", '"xixinting/intake/v1/promise.grpc.pb.h"'),
            ("services/intake/promise/promise.cc", '"services/intake/hall/duty_rules.h"'),
            ("services/intake/promise/promise.cc", '"services/intake/cases/cases.h"'),
            ("services/intake/promise/promise.cc", '"services/intake/slices.h"'),
            ("services/intake/promise/promise.cc", '"common/edge/noun.h"'),
            ("services/intake/promise/promise.cc", '"nlohmann/json.hpp"'),
            ("services/intake/promise/promise_rules.cc", '"services/intake/promise/promise_rules.h"'),
            ("services/intake/promise/promise_rules.cc", '"absl/status/status.h"'),
            ("services/intake/paper/checklist_rules.h", '"services/intake/hall/rota_rules.h"'),
            ("services/intake/promise/promise_test.cc", '"services/intake/testing.h"'),
            ("services/intake/hall/hall_test.cc", '"services/intake/promise/promise.h"'),
            ("services/referral/mail/inbound_world.h", '"services/referral/chase/asking_world.h"'),
            ("services/referral/mail/inbound_world.h", '"gtest/gtest.h"'),
            ("services/intake/cases/notification_peer.cc", '"xixinting/notification/v1/message.grpc.pb.h"'),
            ("services/notification/channel/sms_gateway_peer.cc", "<curl/curl.h>"),
            ("common/rpc/edge.h", '"google/rpc/status.pb.h"'),
            ("common/rpc/watch_test.cc", '"xixinting/intake/v1/case_service.grpc.pb.h"'),
            ("tools/xxt-store/row.cc", "<pqxx/pqxx>"),
        ):
            with self.subTest(path=path, include=include):
                self.assertEqual(breaches(path, f"#include {include}\n"), [])


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
