"""What a pod of a service has mounted: the configuration of deploy/base, and made-up secrets for what that names."""

import base64
import os
import pathlib
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
USER = 10001


def put(path, content):
    """Writes a file that the image's user alone may read, and which is where it belongs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o400)
    if os.geteuid() == 0:
        os.chown(path, USER, USER)


def named_files(tree):
    """Yields (key, path) of every file that a configuration names."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from named_files(value)
        elif key.endswith("_file"):
            yield key, value


def seal_keys():
    return b"1 %s\nsearch %s\n" % (base64.b64encode(os.urandom(32)), base64.b64encode(os.urandom(32)))


def leaf(folder, service):
    """Returns {file: content} of a certificate for a service, its key, and who signed it."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-x509")
    openssl("req", *key, "-subj", "/CN=test", "-keyout", "ca.key", "-out", "ca.crt")
    names = f"subjectAltName=URI:spiffe://xixinting.internal/services/{service},DNS:{service}-pods"
    openssl("req", *key, "-subj", f"/CN={service}", "-addext", names, "-addext", "basicConstraints=critical,CA:FALSE",
            "-CA", "ca.crt", "-CAkey", "ca.key", "-keyout", "tls.key", "-out", "tls.crt")
    return {name: (folder / name).read_bytes() for name in ("tls.crt", "tls.key", "ca.crt")}


def mount(image, service, keys, folder):
    """Mounts what pods of the service have into its image; `keys` are what `xxt token keys` made."""
    config = ROOT / "deploy/base" / service
    folder.mkdir()
    content = {"signing_key_file": lambda: (keys / f"services-{service}.jwk").read_bytes(),
               "jwks_file": lambda: (keys / "jwks.json").read_bytes(), "key_file": seal_keys}
    given = yaml.safe_load((config / "config.yaml").read_text(encoding="utf-8"))
    tls = given.pop("tls", None)
    for key, path in named_files(given):
        put(folder / path.lstrip("/"), content.get(key, lambda: b"made up")())
    if tls:
        made = leaf(folder, service)
        for _, path in named_files(tls):
            put(folder / path.lstrip("/"), made[pathlib.Path(path).name])
    for path in {str(pathlib.Path(path).parent) for _, path in [*named_files(given), *named_files(tls or {})]}:
        image.mount(path, folder / path.lstrip("/"))
    image.mount("/etc/xixinting", config)
