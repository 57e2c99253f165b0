#!/usr/bin/env python3
"""What a noun costs: the lines of its proto, folder with tests, migration and examples.

A plain noun with four RPCs shall cost no more than 260 (docs/decisions/0022). Rows that shared files need beside it, for
people and for tests made by hand, are not counted.

Usage: noun_lines.py [SERVICE/NOUN]
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST = 260


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def example_lines(service, methods_of):
    """Lines of the steps that call a service of the noun's proto."""
    path = ROOT / "tests/examples" / f"{service}.yaml"
    steps = re.split(r"^(?=- )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return sum(len(step.splitlines()) for step in steps if re.match(rf"- call: (?:{'|'.join(methods_of)})/", step))


def cost(service, noun):
    proto = ROOT / "protos/xixinting" / service / f"v1/{noun}.proto"
    found = {str(path.relative_to(ROOT)): lines(path)
             for path in [proto, *sorted((ROOT / "services" / service / noun).iterdir()),
                          *sorted((ROOT / "services" / service / "migrations").glob(f"*_{noun}.sql"))]}
    services = re.findall(r"^service (\w+)", proto.read_text(encoding="utf-8"), re.MULTILINE)
    found[f"tests/examples/{service}.yaml ({', '.join(services)})"] = example_lines(service, services)
    return found


def main():
    service, noun = (sys.argv[1] if len(sys.argv) > 1 else "intake/promise").split("/")
    found = cost(service, noun)
    for name, count in found.items():
        print(f"{count:5} {name}")
    total = sum(found.values())
    print(f"{total:5} of at most {MOST}")
    sys.exit(total > MOST)


if __name__ == "__main__":
    main()
