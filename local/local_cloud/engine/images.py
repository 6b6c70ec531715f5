"""Images and where they are kept.

The store is a folder that many processes share: builds run side by side, tasks start from it, the docker front end
tags in it. Every record is written beside its place and renamed into it, so a reader sees the old one or the new one.

    images/<hex>.json        what an image is, by the digest of its content
    layers/<id>/             rootfs/ and venv/ of an image; never moved (a virtual environment knows its own path)
    references/<quoted>      `repo:tag` or `repo@sha256:...` -> digest
    steps/<key>              build cache: key of a step -> digest of the image it led to
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from .errors import ImageNotFound

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class ImageConfig:
    """How an image is run, in the words of the OCI image configuration."""

    env: dict[str, str] = field(default_factory=lambda: {"PATH": DEFAULT_PATH})
    workdir: str = "/"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    user: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Image:
    """An immutable image. `digest` is "sha256:..." over files, packages, configuration and parent."""

    digest: str
    config: ImageConfig
    layer: Path
    parents: tuple[str, ...] = ()

    @property
    def rootfs(self) -> Path:
        return self.layer / "rootfs"

    @property
    def venv(self) -> Path:
        return self.layer / "venv"

    @property
    def workdir(self) -> Path:
        """The working directory on this machine."""
        return inside(self.rootfs, self.config.workdir)


def inside(rootfs: Path, path: str) -> Path:
    """Where an absolute path of an image lies on this machine; `..` cannot leave the rootfs."""
    return rootfs / os.path.normpath("/" + path).lstrip("/")


def normalized(reference: str) -> str:
    """A reference with its tag: `repo` means `repo:latest`."""
    name = reference.rsplit("/", 1)[-1]
    return reference if ":" in name or "@" in name else f"{reference}:latest"


class ImageStore:
    """The images of one local cloud."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("images", "layers", "references", "steps", "locks"):
            (root / name).mkdir(parents=True, exist_ok=True)

    def find(self, reference: str) -> Image | None:
        """The image behind `repo`, `repo:tag`, `repo@sha256:...` or its own digest; None when there is none."""
        if reference.startswith("sha256:"):
            return self._load(reference)
        digest = _read(self._reference_file(normalized(reference)))
        return self._load(digest) if digest else None

    def get(self, reference: str) -> Image:
        """As `find`, but raises ImageNotFound."""
        image = self.find(reference)
        if image is None:
            raise ImageNotFound(reference)
        return image

    def save(self, image: Image) -> None:
        """Publishes an image whose layer is complete."""
        record = {**asdict(image), "layer": image.layer.name}
        self._write(self.root / "images" / f"{image.digest.removeprefix('sha256:')}.json", json.dumps(record, indent=1))

    def tag(self, reference: str, digest: str) -> None:
        """Makes a reference point to an image; a reference that exists is moved."""
        self._write(self._reference_file(normalized(reference)), digest)

    def references(self, digest: str) -> list[str]:
        """Every reference of an image, sorted."""
        return sorted(reference for reference, found in self.listing() if found == digest)

    def listing(self) -> Iterator[tuple[str, str]]:
        """(reference, digest) of everything that has a name."""
        for file in sorted((self.root / "references").iterdir()):
            digest = _read(file)
            if digest and not file.name.startswith(".new-"):
                yield unquote(file.name), digest

    def cached(self, key: str) -> Image | None:
        """The image that a build step led to before."""
        digest = _read(self.root / "steps" / key)
        return self._load(digest) if digest else None

    def remember(self, key: str, digest: str) -> None:
        """Fills the build cache."""
        self._write(self.root / "steps" / key, digest)

    def lock_file(self, key: str) -> Path:
        """The file whose lock guards a build step."""
        return self.root / "locks" / key

    def _reference_file(self, reference: str) -> Path:
        return self.root / "references" / quote(reference, safe="")

    def _load(self, digest: str) -> Image | None:
        text = _read(self.root / "images" / f"{digest.removeprefix('sha256:')}.json")
        if text is None:
            return None
        record = json.loads(text)
        layer = self.root / "layers" / record["layer"]
        if not layer.is_dir():
            return None
        config = record["config"]
        sequences = {name: tuple(config.get(name, ())) for name in ("entrypoint", "command", "ports", "volumes")}
        return Image(record["digest"], ImageConfig(**{**config, **sequences}), layer, tuple(record["parents"]))

    def _write(self, path: Path, text: str) -> None:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        with os.fdopen(handle, "w") as file:
            file.write(text)
        Path(name).replace(path)


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return None
