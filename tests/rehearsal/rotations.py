"""What is exchanged while the services run, each by steps between which everybody has time to read it again.

The order of the steps is that of docs/operations/playbook.md: what is new is trusted before it is used, and what is old is
trusted until nobody uses it. Files are replaced whole, so that nobody reads half of one.
"""
import base64
import json
import os
import secrets
import subprocess

from stage import BIN, ROOT, SERVICES

STEPS = 3  # trust the new, use it, end the trust in the old


def replace(path, text):
    """Others than the owner may not read it."""
    beside = path.with_name(path.name + ".next")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    beside.rename(path)


class Certificates:
    """Authorities, and what they sign: with the functions that made them (tools/lib/certificates.sh)."""

    name = "TLS certificates and CAs"

    def __init__(self, instance):
        self.instance = instance

    def trust_new(self):
        self.run("add_authority")

    def use_new(self):
        self.run('for identity in "${identities[@]}"; do renew_certificate "$identity"; done')

    def end_old(self):
        self.run("retire_authorities")

    def run(self, commands):
        script = f"""set -euo pipefail
            for part in say process certificates; do source "{ROOT}/tools/lib/$part.sh"; done
            run=$1
            {commands}"""
        subprocess.run(["bash", "-c", script, "rotate", self.instance.dir], check=True, stdout=subprocess.DEVNULL)


class TokenKeys:
    """Those of people and of services. A key is known by its `kid`: the name it had, a dot, and what tells it from the last."""

    name = "token keys"

    def __init__(self, instance):
        self.keys = instance.dir / "keys"
        self.made = 0
        self.next = []  # public halves

    def trust_new(self):
        self.made += 1
        folder = self.keys / f"made-{self.made}"
        subprocess.run([BIN / "tools/xxt/xxt", "token", "keys", "--out", folder], check=True, capture_output=True)
        self.next = [self.named(key) for key in json.loads((folder / "jwks.json").read_text())["keys"]]
        self.write_jwks(json.loads((self.keys / "jwks.json").read_text())["keys"] + self.next)

    def use_new(self):
        for path in (self.keys / f"made-{self.made}").glob("*.jwk"):
            replace(self.keys / path.name, json.dumps(self.named(json.loads(path.read_text()))) + "\n")

    def end_old(self):
        self.write_jwks(self.next)

    def named(self, key):
        return key | {"kid": f"{key['kid']}.{self.made}"}

    def write_jwks(self, keys):
        replace(self.keys / "jwks.json", json.dumps({"keys": keys}, indent=2) + "\n")


class DataKeys:
    """The keys that wrap data keys: a new one is last in the file, then first. None is taken out: what it wrapped is there."""

    name = "data keys"

    def __init__(self, instance):
        self.instance, self.file = instance, instance.dir / "secrets/seal.keys"
        self.number = 1

    def trust_new(self):
        self.number += 1
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.write(self.lines() + [f"{self.number} {key}"])

    def use_new(self):
        lines = self.lines()
        self.write(lines[-1:] + lines[:-1])

    def end_old(self):
        """Not here: xxt-store rekey."""

    def lines(self):
        return self.file.read_text().splitlines()

    def write(self, lines):
        replace(self.file, "\n".join(lines) + "\n")

    def noted(self, service):
        """With which one the service has wrapped last."""
        newest = "SELECT id FROM backbone.seal_key WHERE retire_time IS NULL AND id > 0 ORDER BY use_time DESC, id DESC LIMIT 1"
        return int(self.instance.sql(service, newest)[0][0])

    def in_use(self):
        return all(self.noted(service) == self.number for service in SERVICES)


class GatewaySecret:
    """The token of the text messages' gateway, which takes the old one and the new for a while."""

    name = "gateway tokens"

    def __init__(self, instance):
        self.ours, self.theirs = instance.dir / "secrets/sms-token", instance.dir / "secrets/sms-tokens-taken"
        replace(self.theirs, self.ours.read_text())
        self.next = ""

    def trust_new(self):
        self.next = secrets.token_hex(16)
        replace(self.theirs, f"{self.theirs.read_text().strip()}\n{self.next}\n")

    def use_new(self):
        replace(self.ours, self.next)

    def end_old(self):
        replace(self.theirs, f"{self.next}\n")


ALL = (Certificates, TokenKeys, DataKeys, GatewaySecret)
