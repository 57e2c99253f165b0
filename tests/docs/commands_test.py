"""Reads the operators' pages as somebody who types what they say: each command is there and takes these words.

  commands_test.py XXT XXT_STORE
"""
import functools
import pathlib
import re
import shlex
import subprocess
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPERATIONS = ROOT / "docs/operations"
PAGES = ("playbook.md", "playbook.zh-CN.md")
RUNBOOKS = sorted(OPERATIONS.glob("runbooks/*.md"))
# Commands that speak for nobody.
NOBODY = {"doctor", "token", "api"}
PROGRAMS = {}  # name -> path
KINDS = {"deploy": "Deployment", "job": "Job", "cronjob": "CronJob", "cluster": "Cluster", "networkpolicy": "NetworkPolicy"}


def fenced(text, language=""):
    """The lines of code blocks of that language."""
    blocks = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [line.strip() for said, block in blocks if said == language for line in block.splitlines() if line.strip()]


def commands_in(text):
    """Command lines in blocks, and in sentences those that begin with one of the programs."""
    prose = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = [span for span in re.findall(r"`([^`]+)`", prose) if re.match(r"(xxt|xxt-store|kubectl|tools/\w+) ", span)]
    return fenced(text) + spans


def words_of(line):
    """What follows a < or > is a file."""
    return [word for word in shlex.split(line, comments=True) if not word.startswith(("<", ">"))]


def parts(line):
    """Of "kubectl exec … -- xxt …" both commands."""
    words = words_of(line)
    cut = words.index("--") if "--" in words else len(words)
    return [part for part in (words[:cut], words[cut + 1:]) if part]


def before_pipe(words):
    return words[:words.index("|")] if "|" in words else words


def is_placeholder(word):
    return bool(re.fullmatch(r"\$?[A-Z_]+|[^=]*=[A-Z]+", word))


class Help:
    """What a program's help of one command says that it takes."""

    def __init__(self, text):
        self.options, self.required, self.choices = {}, set(), {}  # options: name -> whether it takes a value
        positionals = re.search(r"^Positionals:\n(.*?)(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
        lines = re.findall(r"^  (\S.*)", positionals.group(1), re.MULTILINE) if positionals else []
        self.most = 99 if any("..." in line for line in lines) else len(lines)
        self.least = sum("REQUIRED" in line for line in lines)
        commands = re.search(r"^Subcommands:\n(.*?)(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
        self.commands = set(re.findall(r"^  (\S+)", commands.group(1), re.MULTILINE)) if commands else set()
        for names, rest in re.findall(r"^  ((?:-\w,)?--[\w-]+)(.*(?:\n {6,}.*)?)", text, re.MULTILINE):
            choices = re.search(r"[\[{]([\w|,-]+)[\]}]", rest)
            for name in names.split(","):
                self.options[name] = " TEXT" in rest or " INT" in rest or " UINT" in rest
                if choices:
                    self.choices[name] = re.split(r"[|,]", choices.group(1))
            if " REQUIRED" in rest:
                self.required.add(names.split(",")[-1])


@functools.lru_cache(maxsize=None)
def help_of(program, path):
    done = subprocess.run([PROGRAMS[program], "--lang", "en", *path, "--help"], capture_output=True, text=True, check=True)
    return Help(done.stdout)


def faults_of_program(words):
    """What is wrong with a line of xxt or xxt-store."""
    program, *rest = before_pipe(words)
    path, given, count, faults = (), set(), 0, []
    top = said = help_of(program, ())
    rest = list(rest)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        options = top.options | said.options
        if word.startswith("-"):
            if name not in options:
                faults.append(f"no option {name}")
                continue
            given.add(name)
            if options[name] and not equals:
                value = rest.pop(0) if rest else ""
            choices = (top.choices | said.choices).get(name)
            if choices and value not in choices and not is_placeholder(value):
                faults.append(f"{name} takes none of {value!r}")
        elif word in said.commands:
            path += (word,)
            said = help_of(program, path)
        else:
            count += 1
    if said.commands and path:
        faults.append(f"needs one of {' '.join(sorted(said.commands))}")
    if not path and count:
        faults.append("no such command")
    if path and not said.commands and not said.least <= count <= said.most:
        faults.append(f"{count} words, and it takes {said.least} to {said.most}")
    # A file may say the rest.
    if path and "-f" not in given:
        faults += [f"needs {name}" for name in sorted(said.required - given)]
    if program == "xxt" and path and path[0] not in NOBODY and "--as" not in given:
        faults.append("says not as whom")
    return faults


def is_mention(line):
    """Whether a sentence names a command without its words: `xxt promise get`."""
    return bool(re.fullmatch(r"xxt(-store)?( [a-z][a-z-]*)+", line))


def faults_of_mention(line):
    program, *path = line.split()
    for count, word in enumerate(path):
        if word not in help_of(program, tuple(path[:count])).commands:
            return [f"no command {word}"]
    return []


def faults_of_script(words):
    """What is wrong with a line of a script whose header says how it is called."""
    script = ROOT / words[0]
    if not script.exists():
        return ["there is no such script"]
    header = [line for line in script.read_text(encoding="utf-8").splitlines()[:60] if line.startswith("#")]
    listed = {word for line in header for word in re.findall(r"^#  +([\w-]+)", line)}
    listed |= {word for line in header for word in re.findall(r"[\w-]+", line) if "Usage:" in line}
    return [f"its header does not list {word!r}" for word in words[1:]
            if "/" not in word and not is_placeholder(word) and word not in listed]


@functools.lru_cache(maxsize=None)
def manifests():
    """Kind and name of all that production consists of."""
    text = (ROOT / "deploy/tests/golden/production.yaml").read_text(encoding="utf-8")
    return {(thing["kind"], thing["metadata"]["name"]) for thing in yaml.safe_load_all(text) if thing}


def faults_of_kubectl(words):
    """Things that production has not, and files that are not there; one without a folder is the reader's own."""
    faults = []
    named = [word.removeprefix("--from=").partition("/") for word in words if not (ROOT / word).exists()]
    pairs = [(kind, name) for kind, slash, name in named if slash] + list(zip(words, words[1:]))
    for kind, name in pairs:
        if kind in KINDS and not name.startswith("-") and not is_placeholder(name) and (KINDS[kind], name) not in manifests():
            if "create" not in words or kind not in words:  # a name that is given here
                faults.append(f"production has no {kind} {name}")
    return faults + [f"{path} is not there" for flag, path in zip(words, words[1:])
                     if flag in ("-k", "-f") and "/" in path and not (ROOT / path).exists()]


def faults_of(line):
    faults = []
    for words in parts(line):
        program = words[0].rpartition("/")[2]
        if program in PROGRAMS:
            faults += faults_of_program([program, *words[1:]])
        elif words[0] == "kubectl":
            faults += faults_of_kubectl(words)
        elif words[0].startswith(("tools/", "deploy/")):
            faults += faults_of_script(words)
    return faults


class Playbook(unittest.TestCase):
    texts = {page: (OPERATIONS / page).read_text(encoding="utf-8") for page in PAGES}

    def test_each_command_is_there_and_takes_these_words(self):
        for page, text in self.texts.items():
            commands = commands_in(text)
            self.assertGreater(len(commands), 40)
            self.assertEqual([f"{page}: {line}: {fault}" for line in commands for fault in faults_of(line)], [])

    def test_says_the_same_commands_in_both_languages(self):
        english, chinese = (fenced(text) + fenced(text, "sql") + fenced(text, "yaml") for text in self.texts.values())
        self.assertEqual(english, chinese)

    def test_names_columns_that_the_tables_have(self):
        migrations = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("services/*/migrations/*.sql"))
        for text in self.texts.values():
            said = re.findall(r"INSERT INTO ([\w.]+) \(([^)]*)\)", text)
            self.assertEqual(len(said), 2)
            for table, columns in said:
                made = re.search(rf"CREATE TABLE {re.escape(table)} \((.*?)\n\);", migrations, re.DOTALL).group(1)
                for column in columns.split(", "):
                    self.assertRegex(made, rf"(?m)^  {column} ")


class Runbooks(unittest.TestCase):
    def test_have_only_commands_that_can_be_typed(self):
        commands = [(page.stem, line) for page in RUNBOOKS for line in commands_in(page.read_text(encoding="utf-8"))]
        self.assertEqual({page for page, _ in commands}, {page.stem for page in RUNBOOKS})
        self.assertEqual([f"{page}: {line}: {fault}" for page, line in commands
                          for fault in (faults_of_mention(line) if is_mention(line) else faults_of(line))], [])


class Reader(unittest.TestCase):
    """What is wrong is seen."""

    def test_commands_that_are_not_there(self):
        for line, fault in (
                ("xxt case open CASE --as staff/wang", "needs one of"),
                ("xxt case", "needs one of"),
                ("xxt case get", "0 words"),
                ("xxt case get CASE", "says not as whom"),
                ("kubectl exec deploy/toolbox -- xxt task list --lane desk -o json | jq '.[]'", "says not as whom"),
                ("xxt case get A B", "2 words"),
                ("xxt case get CASE --fully", "no option --fully"),
                ("xxt message list --state sent", "--state takes none of 'sent'"),
                ("xxt message resolve-in-doubt NAME", "needs --resolution"),
                ("kubectl exec deploy/toolbox -- xxt docter", "no such command"),
                ("xxt-store --service intake --config FILE verify --all", "no option --all"),
                ("tools/rehearse everything", "does not list 'everything'"),
                ("tools/rehearse drain --slowly", "does not list '--slowly'"),
                ("tools/practise drain", "no such script"),
                ("kubectl scale deploy/intake --replicas=0", "production has no deploy intake"),
                ("kubectl delete networkpolicy telephones", "production has no networkpolicy telephones"),
                ("kubectl apply -k deploy/overlays/prod", "deploy/overlays/prod is not there")):
            self.assertTrue(any(fault in found for found in faults_of(line)), f"{line}: {faults_of(line)}")

    def test_commands_that_are(self):
        for line in ("xxt case get CASE --as staff/wang", "xxt doctor --serving --wait 20s", "xxt rota replace -f rota.yaml --as staff/wang",
                     "build/release/tools/xxt/xxt token keys --out next", "xxt task list --as staff/ops | jq '.[]'",
                     "kubectl create job --from=cronjob/restore-drill drill-now", "tools/rehearse drain --quick",
                     "xxt-store --service intake --config FILE show NAME --reveal REASON"):
            self.assertEqual(faults_of(line), [], line)

    def test_mentions(self):
        self.assertEqual(faults_of_mention("xxt promise get"), [])
        self.assertEqual(faults_of_mention("xxt promise gets"), ["no command gets"])


if __name__ == "__main__":
    *_, PROGRAMS["xxt"], PROGRAMS["xxt-store"] = sys.argv
    unittest.main(argv=sys.argv[:1])
