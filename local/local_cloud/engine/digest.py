"""Digests over content: two images are the same when their files, packages, configuration and ancestry are."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

CHUNK = 1 << 20


def of_values(*values: Any) -> str:
    """Hex SHA-256 of JSON-able values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


def of_tree(root: Path, keep: Callable[[str], bool] | None = None) -> str:
    """Hex SHA-256 over names, executable bits and contents below a folder, or of one file."""
    total = hashlib.sha256()
    for path in _walk(root):
        relative = str(path.relative_to(root))
        if keep is None or keep(relative):
            total.update(json.dumps([relative, *_facts(path)]).encode())
    return total.hexdigest()


def of_packages(venv: Path) -> str:
    """Hex SHA-256 over the RECORD of every installed distribution, which holds the hashes of its files.

    The environment's own path stands in the hash of a script's shebang, so scripts do not count.
    """
    total = hashlib.sha256()
    for record in sorted(venv.glob("lib/python*/site-packages/*.dist-info/RECORD")):
        lines = [line for line in record.read_text(errors="replace").splitlines() if not _is_local(line)]
        total.update(json.dumps([record.parent.name, sorted(lines)]).encode())
    return total.hexdigest()


def _is_local(line: str) -> bool:
    return line.startswith("../") or "__pycache__" in line or "direct_url.json" in line


def _walk(root: Path) -> Iterator[Path]:
    if root.is_file() or root.is_symlink():
        yield root
        return
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted([*files, *folders]):
            yield Path(folder, name)


def _facts(path: Path) -> list[str]:
    if path.is_symlink():
        return ["link", str(path.readlink())]
    if path.is_dir():
        return ["folder"]
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    return ["program" if os.access(path, os.X_OK) else "file", content]
