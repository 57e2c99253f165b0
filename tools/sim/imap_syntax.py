"""What IMAP commands say: tokens, sets, FETCH items and SEARCH keys. Not a program; see mail_imap.py."""
import datetime
import email
import email.policy
import re

TOKEN = re.compile(rb'\s*(?:"((?:[^"\\]|\\.)*)"|([()])|((?:[^\s()"\[]|\[[^\]]*\])+)|(.))', re.S)
FLAGS = {name: "\\" + name.capitalize() for name in ("SEEN", "ANSWERED", "FLAGGED", "DELETED", "DRAFT")}


class Bad(Exception):
    """The client's command makes no sense; answered BAD."""


def split(line):
    """Atoms, quoted strings and parentheses; an atom keeps its [section], spaces inside and all."""
    found, at = [], 0
    line = line.rstrip()
    while at < len(line):
        match = TOKEN.match(line, at)
        quoted, paren, atom, stray = match.groups()
        token = re.sub(rb"\\(.)", rb"\1", quoted) if quoted is not None else paren or atom or stray
        found.append(token.decode("utf-8", "replace"))
        at = match.end()
    return found


def number_set(text, last):
    """1,3:5,7:* as a container of numbers. n:* holds the last mail even when n is above it."""
    if not re.fullmatch(r"(\d+|\*)(:(\d+|\*))?(,(\d+|\*)(:(\d+|\*))?)*", text):
        raise Bad
    found = set()
    for piece in text.split(","):
        ends = sorted(min(last if end == "*" else int(end), 1 << 32) for end in piece.split(":"))
        found.update(range(max(1, ends[0]), min(last, ends[-1]) + 1))
    return found


def fetch_item(item):
    """(what makes the reply for a mail, whether that marks the mail as seen)"""
    name = item.upper()
    if name == "UID":
        return lambda mail: b"UID %d" % mail.uid, False
    if name == "FLAGS":
        return lambda mail: b"FLAGS (" + " ".join(sorted(mail.flags)).encode() + b")", False
    if name == "RFC822.SIZE":
        return lambda mail: b"RFC822.SIZE %d" % mail.size, False
    if name == "INTERNALDATE":
        return lambda mail: moment(mail).strftime('INTERNALDATE "%d-%b-%Y %H:%M:%S +0000"').encode(), False
    if name in ("RFC822", "RFC822.HEADER", "RFC822.TEXT"):
        return lambda mail: literal(name, section(mail.read(), name[7:])), name != "RFC822.HEADER"
    match = re.fullmatch(r"BODY(\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?", name)
    if not match or not re.fullmatch(r"|HEADER|TEXT|HEADER\.FIELDS(\.NOT)? \([^)]+\)", match[2]):
        raise Bad
    peek, which, start, length = match.groups()

    def body(mail):
        data = section(mail.read(), which)
        if start is None:
            return literal(f"BODY[{which}]", data)
        return literal(f"BODY[{which}]<{start}>", data[int(start):int(start) + int(length)])

    return body, not peek


def literal(name, data):
    return name.encode() + b" {%d}\r\n" % len(data) + data


def section(data, which):
    head, _, text = data.partition(b"\r\n\r\n")
    if which == "":
        return data
    if which == "TEXT":
        return text
    fields = re.findall(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", head + b"\r\n")
    if which != "HEADER":
        names = set(which[which.index("(") + 1:-1].encode().split())
        fields = [f for f in fields if (f.split(b":")[0].strip().upper() in names) != (".NOT" in which)]
    return b"".join(fields) + b"\r\n"


def moment(mail):
    return datetime.datetime.fromisoformat(mail.at)


def search_key(args, last):
    """Takes one key off args; returns its test of a mail."""
    key = args.pop(0).upper()
    if key in ("ALL", "OLD", "UNDRAFT"):
        return lambda mail: True
    if key in ("RECENT",):
        return lambda mail: False
    if key == "NEW":
        key = "UNSEEN"
    if key in FLAGS:
        return lambda mail: FLAGS[key] in mail.flags
    if key[:2] == "UN" and key[2:] in FLAGS:
        return lambda mail: FLAGS[key[2:]] not in mail.flags
    if key in ("KEYWORD", "UNKEYWORD"):
        flag = args.pop(0)
        return lambda mail: (flag in mail.flags) == (key == "KEYWORD")
    if key == "NOT":
        test = search_key(args, last)
        return lambda mail: not test(mail)
    if key == "OR":
        one, other = search_key(args, last), search_key(args, last)
        return lambda mail: one(mail) or other(mail)
    if key == "(":
        tests = []
        while args[0] != ")":
            tests.append(search_key(args, last))
        args.pop(0)
        return lambda mail: all(test(mail) for test in tests)
    if key in ("HEADER", "FROM", "TO", "CC", "SUBJECT", "BODY", "TEXT"):
        name = args.pop(0) if key == "HEADER" else key
        return text_test(key, name, args.pop(0).lower())
    if key in ("SINCE", "BEFORE", "ON"):
        day = datetime.datetime.strptime(args.pop(0), "%d-%b-%Y").date()
        compare = {"SINCE": lambda d: d >= day, "BEFORE": lambda d: d < day, "ON": lambda d: d == day}[key]
        return lambda mail: compare(moment(mail).date())
    wanted = number_set(args.pop(0) if key == "UID" else key, last)
    return lambda mail: mail.uid in wanted


def text_test(key, name, wanted):
    def test(mail):
        parsed = email.message_from_bytes(mail.read(), policy=email.policy.default)
        texts = [] if key == "BODY" else [str(v) for k, v in parsed.items() if key == "TEXT" or k.upper() == name.upper()]
        if key in ("BODY", "TEXT"):
            texts += [p.get_payload(decode=True).decode(p.get_content_charset("utf-8"), "replace")
                      for p in parsed.walk() if p.get_content_maintype() == "text"]
        return any(wanted in text.lower() for text in texts)

    return test
