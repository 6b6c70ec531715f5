"""Layers: the files of an image on disk.

A layer is complete in itself. Its rootfs is a copy of its parent's, because programs change files in place. Its
virtual environment is made of hard links to its parent's packages: installers replace files and never write into
them, so pip and uv see the parent's packages as installed here, may upgrade or remove them, and leave the parent whole.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from pathlib import Path


def base(layers: Path, python: str) -> Path:
    """A new layer with an empty rootfs and a fresh virtual environment (with pip) of this interpreter."""
    layer = _empty(layers)
    (layer / "rootfs").mkdir()
    subprocess.run([python, "-m", "venv", str(layer / "venv")], check=True, stdout=subprocess.DEVNULL)
    return layer


def fork(layers: Path, parent: Path) -> Path:
    """A new layer that starts as its parent is."""
    layer = _empty(layers)
    subprocess.run(["cp", "-a", str(parent / "rootfs"), str(layer / "rootfs")], check=True)
    _fork_venv(parent / "venv", layer / "venv")
    return layer


def discard(layer: Path) -> None:
    """Removes a layer that no image uses."""
    shutil.rmtree(layer, ignore_errors=True)


def _empty(layers: Path) -> Path:
    layer = layers / uuid.uuid4().hex
    layer.mkdir(parents=True)
    return layer


def _fork_venv(parent: Path, child: Path) -> None:
    subprocess.run(["cp", "-al", str(parent), str(child)], check=True)
    old, new = os.fsencode(parent), os.fsencode(child)
    for script in (child / "bin").iterdir():
        if script.is_symlink() or not script.is_file():
            continue
        content = script.read_bytes()
        if old in content:
            _replace(script, content.replace(old, new))
    # written anew because `python -m venv` notes its own path in it
    settings = child / "pyvenv.cfg"
    _replace(settings, settings.read_bytes().replace(old, new))


def _replace(path: Path, content: bytes) -> None:
    """New content in a new file: the old one is shared with the parent."""
    mode = path.stat().st_mode
    path.unlink()
    path.write_bytes(content)
    path.chmod(mode)
