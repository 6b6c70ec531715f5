"""Secrets of a build: `docker build --secret`, and the mounts of RUN that ask for one.

A process has no mounts of its own. A secret lies in a file that goes with the step, and where the command's text names
the mount's target, it reads the file's real path. As in Docker, a secret is in no layer and no key of the cache.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .errors import EngineError

DEFAULT_FOLDER = "/run/secrets"


@dataclass(frozen=True)
class Mount:
    """A secret that a RUN asks for. `target` is the path that the command knows."""

    id: str
    target: str
    is_required: bool


def given(options: Sequence[str], environ: Mapping[str, str] = os.environ) -> dict[str, bytes]:
    """The secrets of `--secret id=NAME,env=VARIABLE` and `--secret id=NAME,src=FILE`.

    Raises:
        EngineError: an option that is neither, or a file that cannot be read.
    """
    found = {}
    for option in options:
        fields = _fields(option)
        source = fields.get("src") or fields.get("source")
        if "id" not in fields:
            raise EngineError(f"invalid secret {option!r}: it has no id")
        try:
            found[fields["id"]] = Path(source).read_bytes() if source else environ[fields["env"]].encode()
        except (OSError, KeyError) as error:
            raise EngineError(f"secret {fields['id']} cannot be read: {error}") from error
    return found


def mounts(flags: Sequence[tuple[str, str]]) -> tuple[Mount, ...]:
    """Those among the flags of a RUN: `--mount=type=secret,id=NAME[,target=PATH][,required]`."""
    asked = [_fields(value) for name, value in flags if name == "mount"]
    return tuple(_mount(fields) for fields in asked if fields.get("type") == "secret")


def written(wanted: Sequence[Mount], secrets: Mapping[str, bytes], folder: Path) -> dict[str, str]:
    """Writes what is given of `wanted` below `folder`; where each target really is.

    Raises:
        EngineError: one that is required is not given.
    """
    places = {}
    for at, mount in enumerate(wanted):
        if mount.id in secrets:
            file = folder / str(at)
            file.touch(mode=0o600)
            file.write_bytes(secrets[mount.id])
            places[mount.target] = str(file)
        elif mount.is_required:
            raise EngineError(f"secret {mount.id}: not found")
    return places


def _mount(fields: Mapping[str, str]) -> Mount:
    target = fields.get("target") or fields.get("dst") or fields.get("destination") or ""
    name = fields.get("id") or PurePosixPath(target).name
    return Mount(name, target or f"{DEFAULT_FOLDER}/{name}", fields.get("required", "false") != "false")


def _fields(text: str) -> dict[str, str]:
    """`a=1,b=2,flag` as a mapping; a flag is "true"."""
    [row] = csv.reader([text])
    return {name: value if has else "true" for name, has, value in (word.partition("=") for word in row)}
