"""The fingerprint of files: equal fingerprints mean that nothing needs to be done again."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

LEFT_OUT_FOLDERS = {"__pycache__", "node_modules", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".state"}
LEFT_OUT_SUFFIXES = (".pyc", ".egg-info")


def fingerprint(root: Path, names: Iterable[str], *extra: str) -> str:
    """SHA-256 over path, mode and content of everything below `names` (missing ones count as absent), and `extra`."""
    digest = hashlib.sha256()
    for name in sorted(names):
        for path in files(root / name):
            executable = b"x" if os.access(path, os.X_OK) else b"-"
            content = hashlib.sha256(path.read_bytes()).digest()
            digest.update(os.fsencode(path.relative_to(root)) + b"\0" + executable + content)
    for text in extra:
        digest.update(b"\0" + text.encode())
    return digest.hexdigest()


def files(path: Path) -> Iterator[Path]:
    """The files of a file or folder in a stable order, without what tools leave behind."""
    if path.is_file():
        yield path
    for folder, subfolders, names in os.walk(path):
        subfolders[:] = sorted(name for name in subfolders if not is_left_out(name))
        yield from (file for name in sorted(names) if not is_left_out(name) and (file := Path(folder, name)).is_file())


def is_left_out(name: str) -> bool:
    return name in LEFT_OUT_FOLDERS or name.endswith(LEFT_OUT_SUFFIXES)
