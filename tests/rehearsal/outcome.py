"""What a rehearsal found: its figures, and what it should have kept and did not."""
import argparse
import json
import pathlib
import sys

SHOWN = 20  # of the violations


class Outcome:
    def __init__(self, name):
        self.name = name
        self.figures = {}  # words -> a number or a text
        self.violations = []

    def figure(self, words, value):
        self.figures[words] = round(value, 3) if isinstance(value, float) else value

    def broken(self, what):
        self.violations.append(what)

    def at_most(self, words, value, most):
        """A figure that is a promise, too."""
        self.figure(words, value)
        if value > most:
            self.broken(f"{words}: {value:g}, more than {most:g}")

    def show(self):
        for words, value in self.figures.items():
            print(f"{self.name}: {words}: {value}")
        for line in self.violations[:SHOWN]:
            print("VIOLATION " + line)
        if len(self.violations) > SHOWN:
            print(f"  {SHOWN} of {len(self.violations)} violations")
        print(f"{self.name}: " + ("BROKEN" if self.violations else "kept"))

    def as_json(self):
        return json.dumps({"rehearsal": self.name, "kept": not self.violations, "figures": self.figures,
                           "violations": self.violations}, ensure_ascii=False)


def turned(found, words):
    """Of a rehearsal with a planted fault: kept if a violation says so, and broken if none does."""
    made = Outcome(found.name + " with a planted fault")
    made.figures = found.figures
    made.figure("violations seen", len(found.violations))
    if not any(words in line for line in found.violations):
        made.broken(f"no violation says {words!r}")
    return made


def arguments(text, **numbers):
    """The command line of a rehearsal: --quick, --json FILE, and numbers as `rolls=(20, 2)`: usually, and quickly."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="as a test, in less than two minutes")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="adds the figures to it, as one line")
    for name, (usual, quick) in numbers.items():
        parser.add_argument(f"--{name}", type=type(usual), metavar="N", help=f"default: {usual}, and {quick} with --quick")
    parser.set_defaults(numbers=numbers)
    return parser


def parse(parser, words=None):
    args = parser.parse_args(words)
    for name, (usual, quick) in args.numbers.items():
        if getattr(args, name) is None:
            setattr(args, name, quick if args.quick else usual)
    return args


def main(parser, rehearse):
    """Runs `rehearse`, which takes the arguments and returns an Outcome. Exit 1 if a promise was broken."""
    sys.stdout.reconfigure(line_buffering=True)
    args = parse(parser)
    outcome = rehearse(args)
    outcome.show()
    if args.json:
        with open(args.json, "a", encoding="utf-8") as file:
            file.write(outcome.as_json() + "\n")
    sys.exit(1 if outcome.violations else 0)
