"""Checks what the pages say against the code: the lists of docs/api, English and Chinese, how long things are kept, and
that every file that a page names is there.
"""

import itertools
import os
import pathlib
import re
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ("intake", "referral", "notification")


def screaming(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()


def claims_in_code():
    """Returns the names of all claims that are read of a token."""
    text = (ROOT / "common/identity/claims.cc").read_text(encoding="utf-8")
    return set(re.findall(r'(?:TextOf\(claims, |TimeOf\(claims, |claims\.find\(|claims\.contains\()"(\w+)"', text))


def roles_in_code():
    text = (ROOT / "protos/xixinting/common/v1/options.proto").read_text(encoding="utf-8")
    roles = re.search(r"enum Role \{(.*?)\n\}", text, re.DOTALL).group(1)
    return {name.lower() for name in re.findall(r"^ *ROLE_(\w+) = [1-9]", roles, re.MULTILINE)}


def reasons_in_code():
    text = (ROOT / "protos/xixinting/common/v1/error_reason.proto").read_text(encoding="utf-8")
    return set(re.findall(r"^ *ERROR_REASON_(\w+) = [1-9]", text, re.MULTILINE))


def errors_in_code():
    """Returns {reason: gRPC code}, as the constructors make them."""
    text = (ROOT / "common/status/errors.cc").read_text(encoding="utf-8")
    reason = r"::xixinting::common::v1::ERROR_REASON_(\w+)"
    made = {found: "FAILED_PRECONDITION" for found in re.findall(r"\bPrecondition\(\s*" + reason, text)}
    made.update({found: screaming(code) for code, found in re.findall(r"absl::StatusCode::k(\w+),\s*" + reason, text)})
    return made


def sources(service):
    files = [f for f in (ROOT / "services" / service).rglob("*") if f.suffix in (".cc", ".h")]
    return {f: f.read_text(encoding="utf-8") for f in files if not f.name.endswith("_test.cc")}


def kinds_in_code():
    """Returns {constant's name: kind} per service, as `constexpr char kSomethingKind[] = "…"` says them."""
    named = re.compile(r'constexpr char (k\w+Kind)\[\]\s*=\s*"([^"]+)"')
    return {service: dict(found for text in sources(service).values() for found in named.findall(text))
            for service in SERVICES}


def desk_kinds_in_code():
    """Returns {kind: set of outcomes} of what DeskKinds() of each service returns, and of its slices."""
    kinds = {}
    for service, names in kinds_in_code().items():
        for text in sources(service).values():
            begin = re.search(r"std::vector<tasks::DeskKind> DeskKinds\([^)]*\) \{", text)
            if begin is None:
                continue
            words = dict(re.findall(r'constexpr char (k\w+)\[\]\s*=\s*"([^"]+)"', text))
            body = text[begin.end():text.index("\n}\n", begin.end())]
            for constant, outcomes in re.findall(r"\{(k\w+Kind),\s*\{([^}]*)\}", body):
                found = re.findall(r'"([A-Z_]+)"', outcomes)
                found += [words[name] for name in re.findall(r"\b(k\w+)\b", outcomes) if name in words]
                found += [screaming(name) for name in re.findall(r"Resolution::k(\w+)", outcomes)]
                kinds[names[constant]] = set(found)
        for text in sources(service).values():
            kinds.update({names[constant]: set() for constant in re.findall(r"edge::Settled\((?:\w+::)?(k\w+Kind)\b", text)})
            kinds.update({names[constant]: set(re.findall(r'"([A-Z_]+)"', outcomes)) for constant, outcomes in
                          re.findall(r"edge::Desk\(\w+, (?:\w+::)?(k\w+Kind), \{([^}]*)\}", text)})
    return kinds


def events_in_code():
    events = {service: set(found for file, text in sources(service).items() if file.suffix == ".cc"
                           for found in re.findall(r'"([a-z_]+\.[a-z_]+\.v1)"', text)) for service in SERVICES}
    return events


def templates_in_code():
    templates = {}
    for file in (ROOT / "services/notification/templates").glob("*.yaml"):
        parameters = yaml.safe_load(file.read_text(encoding="utf-8")).get("parameters") or {}
        templates[file.stem] = {name: parameter["type"] for name, parameter in parameters.items()}
    return templates


def terms_in_code():
    """Returns {table: (how long its rows are kept, how long they must be)}."""
    term = re.compile(r"SELECT backbone\.keep\('([\w.]+)', '\w+', (?:'([^']+)'|NULL), '([^']+)'")
    files = [*ROOT.glob("common/pg/migrations/*.sql"), *ROOT.glob("services/*/migrations/*.sql")]
    return {table: (kept or "no term", least) for file in files
            for table, kept, least in term.findall(file.read_text(encoding="utf-8"))}


def tree():
    """Returns all files and folders of the project as "/tests/docs", but for what is made."""
    found = set()
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in (".git", "build", "node_modules", "__pycache__", ".cache")]
        inside = "/" + os.path.relpath(folder, ROOT) if folder != str(ROOT) else ""
        found.update(f"{inside}/{name}" for name in folders + files)
    return found


def paths_in(text, tops):
    """Returns what is a path of the project: in backticks, and from one of `tops` on or with the suffix of a source."""
    suffixes = (".cc", ".h", ".js", ".json", ".md", ".pml", ".proto", ".py", ".sh", ".sql", ".yaml")
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    words = [word for word in coded(prose) if "/" in word and not re.search(r"\s", word)]
    return [word for word in words if word.split("/")[0] in tops or word.endswith(suffixes)]


def pattern_of(path):
    """Returns a pattern of the lines of tree(): <noun>, * and … stand for anything, folders in front may be left out."""
    parts = re.split(r"<[^>]*>|\*|…|YYYYMMDDHHMMSS_name", path.rstrip("/"))
    return "/" + r"[^/\n]*".join(re.escape(part) for part in parts) + r"\n"


class Page:
    def __init__(self, name):
        self.text = (ROOT / "docs" / name).read_text(encoding="utf-8")

    def section(self, which):
        """Returns the section with this number, or with this title."""
        sections = self.text.split("\n## ")
        return sections[which] if isinstance(which, int) else next(s for s in sections if s.startswith(which + "\n"))

    def rows(self, which):
        """Returns the cells of the first table of a section."""
        lines = itertools.dropwhile(lambda line: not line.startswith("| "), self.section(which).splitlines())
        table = list(itertools.takewhile(lambda line: line.startswith("| "), lines))
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def coded(text):
    return re.findall(r"`([^`]+)`", text)


class IntegrationPage(unittest.TestCase):
    pages = [Page("api/integration.md"), Page("api/integration.zh-CN.md")]

    def test_claims_and_roles_of_tokens_are_those_of_the_code(self):
        for page in self.pages:
            said = {claim: row[1] for row in page.rows(1) for claim in coded(row[0])}
            self.assertEqual(set(said), claims_in_code())
            self.assertEqual(set(coded(said["roles"])), roles_in_code())

    def test_desk_kinds_and_their_outcomes_are_those_of_the_code(self):
        code = desk_kinds_in_code()
        for page in self.pages:
            said = {coded(row[0])[0]: set(word for word in coded(row[2]) if word.isupper()) for row in page.rows(3)}
            self.assertEqual(said, code)

    def test_machine_kinds_are_those_of_the_code(self):
        every = set(kind for kinds in kinds_in_code().values() for kind in kinds.values())
        machine = every - set(desk_kinds_in_code())
        for page in self.pages:
            after_table = page.section(3).split("|\n\n")[-1]
            self.assertEqual(set(word for word in coded(after_table) if "." in word), machine)

    def test_event_types_are_those_of_the_code(self):
        code = events_in_code()
        for page in self.pages:
            self.assertEqual({row[0]: set(coded(row[1])) for row in page.rows(4)}, code)

    def test_templates_and_parameters_are_those_of_the_service(self):
        code = templates_in_code()
        for page in self.pages:
            said = {coded(row[0])[0]: dict(re.findall(r"`(\w+)` (\w+)", row[1])) for row in page.rows(5)}
            self.assertEqual(said, code)


class ErrorsPage(unittest.TestCase):
    def test_reasons_and_their_codes_are_those_of_the_code(self):
        code = errors_in_code()
        self.assertEqual(set(code), reasons_in_code())
        for page in (Page("api/errors.md"), Page("api/errors.zh-CN.md")):
            self.assertEqual({coded(row[0])[0]: row[1] for row in page.rows(0)}, code)


class ConfigurationPage(unittest.TestCase):
    def test_things_are_kept_as_long_as_the_page_says(self):
        said = {table: (row[1].split(": ")[-1], row[2].split(": ")[0])
                for row in Page("operations/configuration.md").rows("How long things are kept") for table in coded(row[0])}
        self.assertEqual(said, terms_in_code())

    def test_says_the_same_keys_defaults_and_terms_in_both_languages(self):
        words = {"空": "empty", "无": "none", "必填": "required", "机密": "secret"}
        english, chinese = (Page(f"operations/configuration{twin}.md").text for twin in ("", ".zh-CN"))
        rows = [re.findall(r"^\| (`[a-z_.]+`) \| ([^|]+) \|", text, re.MULTILINE) for text in (english, chinese)]
        self.assertGreater(len(rows[0]), 90)
        self.assertEqual(rows[0], [(key, ", ".join(words.get(word, word) for word in default.split("，"))) for key, default in rows[1]])
        tables = [[re.findall(r"`(?:\w+\.)\w+`", row) for row in re.findall(r"^\| `(?:backbone|referral|intake)\.[^|]+", text, re.MULTILINE)]
                  for text in (english, chinese)]
        self.assertEqual(*tables)


class Words(unittest.TestCase):
    def test_a_case_is_called_by_the_one_word_of_the_glossary(self):
        said = [f"{name[1:]}: {word}" for name in sorted(tree())
                if name.endswith((".cc", ".h", ".proto", ".yaml", ".md")) and not name.endswith("_test.cc")
                and not name.startswith(("/tests/fuzz", "/docs/decisions"))
                for word in re.findall(r"案件|(?<!服务)事项", (ROOT / name[1:]).read_text(encoding="utf-8"))]
        self.assertEqual(said, [])


class Paths(unittest.TestCase):
    def test_that_pages_name_are_there(self):
        there = tree()
        pages = sorted(name[1:] for name in there if name.endswith(".md"))
        listed = "\n".join(there) + "\n"
        tops = {name.split("/")[1] for name in there}
        missing = [f"{page}: {path}" for page in pages
                   for path in paths_in((ROOT / page).read_text(encoding="utf-8"), tops)
                   if not re.search(pattern_of(path), listed)]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main()
