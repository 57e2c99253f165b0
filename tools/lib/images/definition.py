"""What deploy/ says of the images: what they hold, and by which name and tag the manifests ask for them."""

import dataclasses
import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]


@dataclasses.dataclass(frozen=True, eq=False)
class Image:
    """One image; the fields are explained in deploy/images/images.yaml."""

    key: str
    name: str
    tag: str
    title: str
    user: str
    path: str
    packages: tuple
    compiled_in: tuple
    programs: tuple = ()
    entrypoint: tuple = ()
    cmd: tuple = ()
    env: tuple = ()
    commands: bool = False
    npm: dict = dataclasses.field(default_factory=dict)
    links: dict = dataclasses.field(default_factory=dict)
    files: dict = dataclasses.field(default_factory=dict)


def read(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def released():
    """Returns {name: tag} of the images that manifests run."""
    return {image["name"]: image["newTag"] for image in read("deploy/components/release/kustomization.yaml")["images"]}


def images():
    """Returns the images. An image that no manifest runs, or one that is run and not defined, is a KeyError or a ValueError."""
    said, tags = read("deploy/images/images.yaml"), released()
    made = []
    for key, own in said["images"].items():
        name = f"xixinting/{key}"
        packages = tuple(sorted({*said["packages"], *own.pop("packages", ())}))
        made.append(Image(key=key, name=name, tag=tags.pop(name), user=said["user"], path=said["path"], packages=packages,
                          compiled_in=tuple(said["compiled_in"]) if "programs" in own else (), **own))
    if tags:
        raise ValueError(f"deploy/images/images.yaml does not say what {', '.join(tags)} holds")
    return made
