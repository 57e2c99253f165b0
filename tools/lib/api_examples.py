#!/usr/bin/python3
"""Writes docs/api/examples.md and its Chinese page: of each noun the first call of tests/examples that changes something.

  api_examples.py            writes both
  api_examples.py --check    exits with 1 if they are not what it would write
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ("intake", "referral", "notification")
READS = re.compile(r"(Get|List|Find|Lookup|Preview|Watch|Export)[A-Z]")
PAGES = {"examples.md": """# One call of each noun

[中文](examples.zh-CN.md)

Each is taken from `tests/examples/`, where every RPC has one, and is played against the running services by the tests
(`tools/lib/api_examples.py` writes this page). `as` is who calls, staff/wang where it is left out; `request` is JSON or YAML as
`xxt api call SERVICE/METHOD -d REQUEST` takes it; `expect` is what the response holds at least, `"*"` for anything. `${case}`
is a name that an earlier response held: `save` says which. The protos say what each field is, [errors](errors.md) what may go wrong.
""", "examples.zh-CN.md": """# 每类资源的一次调用

[English](examples.md)

各例取自 `tests/examples/`（其中每个 RPC 都有一例），由测试对运行中的服务逐一执行（本页由 `tools/lib/api_examples.py` 写成）。`as`
是调用人，不写则为 staff/wang；`request` 为 JSON 或 YAML，可直接交给 `xxt api call 服务/方法 -d 请求`；`expect` 是响应至少包含的内容，`"*"`
为任意值。`${case}` 是前面某次响应给出的名称，`save` 写明取自哪一项。各字段的含义见 protos，可能的错误见 [errors](errors.zh-CN.md)。
"""}


def nouns(service):
    """Returns [(gRPC service, {method: (English, Chinese)})] of the protos, by their names."""
    found = []
    for file in sorted((ROOT / "protos/xixinting" / service / "v1").glob("*.proto")):
        for name, body in re.findall(r"^service (\w+) \{\n(.*?)^\}", file.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            found.append((name, methods(body)))
    return found


def methods(body):
    """Returns {method: (first sentence of its comment, its zh)} of a service's body."""
    said = {}
    for comment, name, options in re.findall(r"((?:^  //.*\n)+)  rpc (\w+)\(.*?\n((?:    .*\n)+)", body, re.MULTILINE):
        text = " ".join(line.strip(" /") for line in comment.splitlines())
        said[name] = re.split(r"(?<=[.:]) ", text)[0].rstrip(".:"), re.search(r'zh: "([^"]+)"', options)[1]
    return said


def steps(service):
    """Returns [(gRPC service, method, lines)] of its examples, in their order."""
    text = (ROOT / "tests/examples" / f"{service}.yaml").read_text(encoding="utf-8")
    found = []
    for step in re.split(r"^- ", text, flags=re.MULTILINE)[1:]:
        head, *rest = step.splitlines()
        if called := re.fullmatch(r"call: (?:[\w.]+\.)?(\w+)/(\w+)", head):
            found.append((*called.groups(), [line[2:] for line in rest if line.startswith("  ")]))
    return found


def example(service, noun):
    """Returns (method, lines): the first that changes something, else the first."""
    own = [(method, lines) for name, method, lines in steps(service) if name == noun]
    return next((one for one in own if not READS.match(one[0])), own[0])


def page(name):
    language = 0 if name == "examples.md" else 1
    parts = [PAGES[name]]
    for service in SERVICES:
        parts.append(f"## {service}\n")
        for noun, said in nouns(service):
            method, lines = example(service, noun)
            colon = "：" if language else ": "
            parts.append("\n".join([f"### {noun}/{method}{colon}{said[method][language]}\n", "```yaml", *lines, "```\n"]))
    return "\n".join(parts)


def main():
    pages = {ROOT / "docs/api" / name: page(name) for name in PAGES}
    if sys.argv[1:] == ["--check"]:
        old = [file.name for file, text in pages.items() if not file.exists() or file.read_text(encoding="utf-8") != text]
        sys.exit(f"write it again: tools/lib/api_examples.py ({', '.join(old)})" if old else 0)
    for file, text in pages.items():
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
