"""Layers into an image, by umoci: a folder in OCI's layout, and a tar of it."""

import datetime
import json
import shutil
import subprocess
import tarfile


def when(epoch):
    return datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def umoci(command, *arguments):
    subprocess.run(["umoci", *command.split(), *arguments], check=True)


def labels(image, revision, epoch):
    return {"org.opencontainers.image.title": image.title, "org.opencontainers.image.version": image.tag,
            "org.opencontainers.image.revision": revision, "org.opencontainers.image.created": when(epoch),
            "org.opencontainers.image.licenses": "Apache-2.0"}


def write(image, layers, folder, revision, epoch):
    """Writes the image of (what it holds, tar) layers into `folder`, and its archive beside it; returns its digest."""
    shutil.rmtree(folder, ignore_errors=True)
    reference = f"{folder}:{image.name}:{image.tag}"
    umoci("init", "--layout", folder)
    umoci("new", "--image", reference)
    for holds, layer in layers:
        umoci("raw add-layer", "--image", reference, "--history.created", when(epoch), "--history.created_by", holds, layer)
    said = [f"--config.label={key}={value}" for key, value in labels(image, revision, epoch).items()]
    said += [f"--config.env={value}" for value in (f"PATH={image.path}", *image.env)]
    said += [f"--config.entrypoint={word}" for word in image.entrypoint] + [f"--config.cmd={word}" for word in image.cmd]
    umoci("config", "--image", reference, "--no-history", "--created", when(epoch), "--os", "linux", "--architecture", "amd64",
          "--config.user", image.user, "--config.workingdir", "/", *said)
    umoci("gc", "--layout", folder)
    name_for_containerd(folder, image)
    archive(folder, epoch)
    return digest(folder)


def name_for_containerd(folder, image):
    """Says by which name a node keeps the image that is brought to it without a registry. containerd, and kind by it, keeps what it
    is given under this name as it is, and whoever asks by a name without a host means a public registry."""
    index = folder / "index.json"
    said = json.loads(index.read_text(encoding="utf-8"))
    for manifest in said["manifests"]:
        manifest["annotations"]["io.containerd.image.name"] = f"localhost/{image.name}:{image.tag}"
    index.write_text(json.dumps(said, separators=(",", ":")), encoding="utf-8")


def archive(folder, epoch):
    """Writes the tar that podman, skopeo and containerd take, the same for the same folder."""
    def plain(member):
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime, member.mode = epoch, 0o755 if member.isdir() else 0o644
        return member

    with tarfile.open(f"{folder}.tar", "w", format=tarfile.GNU_FORMAT) as tar:
        for path in sorted(folder.rglob("*")):
            tar.add(path, path.relative_to(folder), recursive=False, filter=plain)


def digest(folder):
    (manifest,) = json.loads((folder / "index.json").read_text(encoding="utf-8"))["manifests"]
    return manifest["digest"]
