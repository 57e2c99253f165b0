"""Reads every #include of the project and refuses those that point the wrong way.

Services know each other through protos alone. What a service holds is one folder per noun, a slice, and the suffix of a
file is its layer: `_rules` only computes, `_peer` talks to one party outside, the rest is use cases. Slices stand in the
order of the service's slices.h, and include what stands above them.

What has not become a slice yet is in the folders of layers, where arrows go down only:

    main -> api -> app -> slices -> storage -> domain
                    └---> peers  ------------> domain
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
    "main": {"service/", "slice/", "common/", "proto/", "lib/"},
    "api": {"service/app", "slice/", "service/domain", "common/", "proto/", "lib/"},
    "app": {"slice/", "service/domain", "service/storage", "service/peers", "common/"},
    "peers": {"service/domain", "common/", "proto/", "lib/"},
    "storage": {"service/domain", "common/", "lib/json"},
    "domain": {"common/calendar", "common/identifiers", "common/status", "common/text", "lib/text"},
    "common": {"common/", "proto/common/", "lib/"},
    "cli": {"tools/xxt", "common/", "proto/", "lib/"},
    # The operator's tool is linked with the services' slices, but knows none of them. It alone speaks to PostgreSQL by
    # libpqxx (docs/decisions/0002).
    "store tool": {"tools/xxt-store", "common/", "proto/", "lib/", "libpqxx"},
}

# Libraries that only compute, by the first part of the include.
LIBRARIES = {"google": "lib/protobuf", "nlohmann": "lib/json", "unicode": "lib/text", "utf8proc.h": "lib/text",
             "yaml-cpp": "lib/yaml", "gmime": "lib/text", "glib.h": "lib/text"}

# What a file of a slice may include, by the suffix of its name: in the words above, and "slice/", slices further up.
# The folders of layers are a bridge, until they are empty.
BY_SUFFIX = {
    "rules": {"common/calendar", "common/identifiers", "common/status", "common/text"},
    "peer": {"slice/", "common/", "proto/", "lib/"},
    "slice": {"slice/", "common/", "proto/", "lib/protobuf", "lib/json", "lib/text", "lib/yaml", "service/domain",
              "service/storage"},
    "test": {"service/", "slice/", "common/", "proto/", "lib/"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def slices_of(service):
    """Returns the folders of the service's slices, in the order of its slices.h: behind what makes one, or on a line of its own."""
    path = ROOT / "services" / service / "slices.h"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return list(dict.fromkeys(re.findall(r"^(?:edge::Slice \w+\(.*\);\s*)?// (\w+)/", text, re.MULTILINE)))


def suffix_of(path):
    found = re.search(r"_(rules|peer|test)\.(?:h|cc)$", path)
    return "test" if path.endswith("_test.cc") else found[1] if found else "slice"


def breaches_of_slice(path, text, slices):
    """The same as breaches(), of a file in a slice."""
    _, service, own, name = path.split("/", 3)
    suffix = suffix_of(path)
    found = []
    for bracket, include in INCLUDE.findall(text):
        parts = include.split("/")
        target = target_of(include, bracket, service)
        if parts[:2] == ["services", service] and len(parts) > 3 and parts[2] in slices:
            target = "slice/" if slices.index(parts[2]) <= slices.index(own) else "a slice below"
            if suffix == "rules" and suffix_of(include) == "rules":
                continue
        elif include == f"services/{service}/slices.h":
            target = "slice/"
        if suffix == "test" and target == "a slice below":
            continue
        if target is None or any(target == one or (one.endswith("/") and target.startswith(one)) for one in BY_SUFFIX[suffix]):
            noun = parts[-1].removesuffix(".grpc.pb.h")
            if include.endswith(".grpc.pb.h") and name not in (f"{own}.cc", f"{noun}.cc") and suffix != "peer":
                found.append(f"{path}: stubs of a noun are included by {noun}.cc or {own}.cc alone, not {include}")
            continue
        found.append(f"{path}: {suffix} of {own} must not include {include}")
    return found


def layer_of(path):
    """Returns (layer, service) of a source; service is None outside services/."""
    parts = path.split("/")
    if parts[0] == "services":
        return ("main" if len(parts) == 3 else parts[2]), parts[1]
    if parts[0] == "tools":
        return {"xxt": "cli", "xxt-store": "store tool"}[parts[1]], None
    return "common", None


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
    return "libpqxx" if parts[0] == "pqxx" else LIBRARIES.get(parts[0], "lib/")


def breaches(path, text):
    """Returns one sentence for each include of the source that its layer must not have."""
    layer, service = layer_of(path)
    slices = slices_of(service) if service else []
    if layer in slices:
        return breaches_of_slice(path, text, slices)
    if layer not in ALLOWED:
        return [f"{path}: '{layer}' is no layer; there are {', '.join(ALLOWED)}"]
    # A test may reach across its own service, but not into another one.
    if path.endswith("_test.cc"):
        allowed = ALLOWED["main" if service or layer == "common" else layer]
    else:
        allowed = ALLOWED[layer]
    own = {"main": "service/", "common": "common/", "cli": "tools/xxt", "store tool": "tools/xxt-store"}.get(
        layer, f"service/{layer}")
    found = []
    for bracket, include in INCLUDE.findall(text):
        target = target_of(include, bracket, service)
        if target is not None and target.removeprefix("service/") in slices:
            target = "slice/"
        if target is None or target == own:
            continue
        if not any(target == one or (one.endswith("/") and target.startswith(one)) for one in allowed):
            found.append(f"{path}: {layer} must not include {include}")
    return found


def sources():
    for top in ("common", "services", "tools/xxt", "tools/xxt-store"):
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
            ("services/intake/api/case_service_test.cc", '"services/referral/chase/chase_rules.h"'),
            ("services/intake/utils/text.h", "<string>"),
            ("common/pg/pool.h", '"services/intake/config.h"'),
            ("common/tasks/engine.cc", '"xixinting/referral/v1/referral.pb.h"'),
            ("common/pg/pool.cc", "<pqxx/pqxx>"),
            ("services/referral/main.cc", "<pqxx/pqxx>"),
            ("services/intake/promise/promise.cc", "<pqxx/pqxx>"),
            ("tools/xxt/main.cc", '"services/intake/config.h"'),
            ("tools/xxt-store/verify.cc", '"services/intake/contact/contact.h"'),
            ("tools/xxt-store/app_test.cc", '"tools/xxt/app.h"'),
            ("services/intake/promise/promise_rules.cc", '"xixinting/intake/v1/promise.pb.h"'),
            ("services/intake/promise/promise_rules.h", '"common/pg/session.h"'),
            ("services/intake/promise/promise_rules.h", '"services/intake/promise/promise.h"'),
            ("services/intake/promise/promise.cc", "<grpcpp/grpcpp.h>"),
            ("services/intake/promise/promise.cc", '"services/intake/api/convert.h"'),
            ("services/intake/promise/promise.cc", '"services/intake/app/case_change.h"'),
            ("services/intake/contact/contact.cc", '"services/intake/promise/promise.h"'),
            ("services/intake/domain/case.cc", '"services/intake/contact/contact.h"'),
            ("services/intake/promise/promise.cc", '"services/referral/chase/chase_rules.h"'),
            ("services/intake/promise/keep.cc", '"xixinting/intake/v1/promise.grpc.pb.h"'),
            ("services/intake/cases/root.cc", '"services/intake/promise/promise.h"'),
            ("services/intake/hall/hall.cc", '"services/intake/promise/promise.h"'),
            ("services/intake/hall/duty_cache.cc", '"xixinting/intake/v1/shift.grpc.pb.h"'),
            ("services/intake/domain/case.cc", '"services/intake/hall/hall.h"'),
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
            ("services/intake/peers/notification.cc", '"xixinting/notification/v1/message.grpc.pb.h"'),
            ("common/rpc/edge.h", '"google/rpc/status.pb.h"'),
            ("services/intake/app/reports.cc", '"services/intake/contact/contact.h"'),
            ("services/intake/app/create_case.cc", '"services/intake/hall/duty_cache.h"'),
            ("services/intake/hall/shift.cc", '"xixinting/intake/v1/shift.grpc.pb.h"'),
            ("services/intake/promise/promise.cc", '"services/intake/hall/duty_rules.h"'),
            ("services/intake/promise/promise.cc", '"services/intake/cases/root.h"'),
            ("services/intake/promise/promise.cc", '"services/intake/slices.h"'),
            ("services/intake/promise/promise.cc", '"xixinting/intake/v1/promise.grpc.pb.h"'),
            ("services/intake/promise/promise.cc", '"common/edge/noun.h"'),
            ("services/intake/promise/promise_rules.cc", '"services/intake/promise/promise_rules.h"'),
            ("services/intake/promise/promise_test.cc", '"services/intake/testing.h"'),
        ):
            with self.subTest(path=path, include=include):
                self.assertEqual(breaches(path, f"#include {include}\n"), [])


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
