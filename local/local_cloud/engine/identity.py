"""Which user a container's process can really have on this machine.

A container's USER matters only where the caller is root. Then the process becomes that user when the image and the
interpreter can be reached by others; below a closed folder (an interpreter in /root) it stays root without
capabilities.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534


@dataclass(frozen=True)
class Identity:
    """The user id to become (None: stay) and whether to give up capabilities."""

    uid: int | None = None
    drop_capabilities: bool = False


def choose(user: str, needed: Iterable[Path], caller: int | None = None) -> Identity:
    """The identity for an image's USER ("", "1000", "1000:1000", "name"); `caller` is the effective user id."""
    uid = _uid(user)
    if (os.geteuid() if caller is None else caller) != 0 or uid == 0:
        return Identity()
    if all(_is_open(path.resolve()) for path in needed):
        return Identity(uid=uid, drop_capabilities=True)
    return Identity(drop_capabilities=True)


def _uid(user: str) -> int:
    name = user.partition(":")[0]
    if name in ("", "root"):
        return 0
    # the image's own table of users is not this machine's
    return int(name) if name.isdigit() else NOBODY


def _is_open(path: Path) -> bool:
    """Whether everybody may enter every folder above a path."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
