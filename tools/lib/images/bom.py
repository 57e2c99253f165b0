"""What is inside an image as CycloneDX says it, for those who ask whether a flaw that was published concerns them."""

import base64
import hashlib
import json
import re
import urllib.parse
import uuid

import debian
from definition import ROOT
from oci import when

DISTRIBUTION = "debian-12"


def deb_url(name, version, architecture, source):
    quoted = urllib.parse.quote(version, safe="~")
    return f"pkg:deb/debian/{urllib.parse.quote(name)}@{quoted}?arch={architecture}&distro={DISTRIBUTION}&upstream={urllib.parse.quote(source)}"


def of_package(fields, sha256=None):
    """Returns the component of a package, from its control paragraph."""
    source = fields.get("Source", fields["Package"]).split()[0]
    url = deb_url(fields["Package"], fields["Version"], fields["Architecture"], source)
    made = {"type": "library", "bom-ref": url, "supplier": {"name": "Debian"}, "name": fields["Package"],
            "version": fields["Version"], "purl": url}
    if sha256:
        made["hashes"] = [{"alg": "SHA-256", "content": sha256}]
    return made


def of_program(name, version, content):
    url = f"pkg:generic/xixinting/{name}@{version}"
    return {"type": "application", "bom-ref": url, "name": name, "version": version, "purl": url,
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}]}


def of_npm(name):
    """Returns the component of an npm package, as tools/package-lock.json pins it."""
    pinned = json.loads((ROOT / "tools/package-lock.json").read_text(encoding="utf-8"))["packages"][f"node_modules/{name}"]
    group, _, short = name.rpartition("/")
    url = f"pkg:npm/{urllib.parse.quote(group, safe='')}/{short}@{pinned['version']}"
    algorithm, content = pinned["integrity"].split("-", 1)
    return {"type": "application", "bom-ref": url, "group": group, "name": short, "version": pinned["version"], "purl": url,
            "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(content).hex()}]}


def needs(fields, known):
    """Returns the references of those packages of `known` that a control paragraph depends on."""
    said = ", ".join(fields.get(field, "") for field in ("Pre-Depends", "Depends"))
    names = {re.split(r"[ (:]", name.strip())[0] for group in said.split(",") for name in group.split("|")}
    return sorted(known[name] for name in names & set(known))


def write(path, image, digest, epoch, packages, programs):
    """Writes what is in an image: packages as Package, programs as {name: content}."""
    root = f"pkg:oci/{image.key}@{urllib.parse.quote(digest, safe='')}?tag={image.tag}"
    inside = {package.name: debian.paragraphs(debian.control(package))[0] for package in packages}
    components = [of_package(inside[package.name], package.sha256) for package in packages]
    known = {component["name"]: component["bom-ref"] for component in components}
    compiled_in = [of_package(debian.paragraphs(debian.output("dpkg-query", "--status", name))[0]) for name in image.compiled_in]
    own = [of_program(name, image.tag, content) for name, content in programs.items()]
    npm = [of_npm(name) for name in image.npm]
    components += compiled_in + own + npm
    dependencies = [{"ref": known[name], "dependsOn": needs(fields, known)} for name, fields in inside.items()]
    dependencies += [{"ref": one["bom-ref"], "dependsOn": sorted(other["bom-ref"] for other in compiled_in)} for one in own]
    dependencies.append({"ref": root, "dependsOn": sorted(component["bom-ref"] for component in components)})
    path.write_text(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, root)}",
        "metadata": {"timestamp": when(epoch), "component": {
            "type": "container", "bom-ref": root, "name": image.name, "version": image.tag, "purl": root}},
        "components": sorted(components, key=lambda one: one["bom-ref"]),
        "dependencies": sorted(dependencies, key=lambda one: one["ref"])}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
