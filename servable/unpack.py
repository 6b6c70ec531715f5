"""`python3 unpack.py ARCHIVE FOLDER`: put a payload's files into a folder, or refuse it and name the entry.

Standard library only, because it runs in the build, before anything is installed, on an archive from a stranger.
Refused: absolute paths, `..`, links, devices, the same path twice, files below files, too many files or bytes, and
archives that unpack to many times their size. Only regular files and folders are made, with modes of our choice.
"""

import gzip
import os
import shutil
import sys
import tarfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO


@dataclass(frozen=True)
class Limits:
    """`ratio` (unpacked to packed) counts only beyond `ratio_from` bytes: small texts pack well."""

    files: int = 10_000
    unpacked_bytes: int = 4 * 1024**3
    ratio: int = 200
    ratio_from: int = 64 * 1024**2
    path_length: int = 1024


class Refused(Exception):
    """The archive breaks a rule; the text names the entry."""


@dataclass
class _Metered:
    """A stream that counts what it gives, headers included, and stops a bomb while it unpacks."""

    stream: BinaryIO
    packed_bytes: int
    limits: Limits
    given: int = 0
    entry: str = field(default="the first entry")

    def read(self, size: int) -> bytes:
        chunk = self.stream.read(size)
        self.given += len(chunk)
        if self.given > self.limits.unpacked_bytes:
            raise Refused(f"'{self.entry}': the archive unpacks to more than {self.limits.unpacked_bytes} bytes")
        if self.given > self.limits.ratio_from and self.given > self.limits.ratio * self.packed_bytes:
            raise Refused(f"'{self.entry}': the archive unpacks to more than {self.limits.ratio} times its size")
        return chunk


@dataclass
class _Seen:
    files: set[PurePosixPath] = field(default_factory=set)
    folders: set[PurePosixPath] = field(default_factory=set)


def unpack(archive: Path, folder: Path, limits: Limits | None = None) -> int:
    """Unpack a tar.gz and give the number of files. Raises Refused; what was unpacked before then stays behind."""
    limits = limits or Limits()
    seen = _Seen()
    try:
        with gzip.open(archive) as stream:
            meter = _Metered(stream, archive.stat().st_size, limits)  # type: ignore[arg-type]
            with tarfile.open(fileobj=meter, mode="r|") as entries:  # type: ignore[call-overload]
                for entry in entries:
                    meter.entry = entry.name
                    _place(entries, entry, folder, _checked_path(entry, seen, limits))
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise Refused(f"not a readable tar.gz archive: {error}") from error
    if not seen.files:
        raise Refused("the archive holds no files")
    return len(seen.files)


def _checked_path(entry: tarfile.TarInfo, seen: _Seen, limits: Limits) -> PurePosixPath:
    path = PurePosixPath(entry.name)
    if path.is_absolute() or any(character in entry.name for character in "\\\0\n\r"):
        raise Refused(f"'{entry.name}': expected a relative path with forward slashes")
    if ".." in path.parts:
        raise Refused(f"'{entry.name}': a path with '..' leads out of the folder")
    if len(entry.name) > limits.path_length or not entry.name.isprintable():
        raise Refused(f"'{entry.name[:80]!a}': expected a printable path of at most {limits.path_length} characters")
    if entry.issparse() or not (entry.isreg() or entry.isdir()):
        kind = f"a link to {entry.linkname}" if entry.issym() or entry.islnk() else "a device or another special file"
        raise Refused(f"'{entry.name}': expected a regular file, found {kind}")
    _check_place(path, entry, seen)
    if len(seen.files) + len(seen.folders) > limits.files:
        raise Refused(f"'{entry.name}': the archive holds more than {limits.files} files and folders")
    return path


def _check_place(path: PurePosixPath, entry: tarfile.TarInfo, seen: _Seen) -> None:
    if path in seen.files or (entry.isreg() and path in seen.folders):
        raise Refused(f"'{entry.name}': is in the archive twice")
    for parent in path.parents:
        if parent in seen.files:
            raise Refused(f"'{entry.name}': lies below '{parent}', which is a file")
    seen.folders.update(path.parents[:-1])  # the last one is the folder itself
    (seen.files if entry.isreg() else seen.folders).add(path)


def _place(entries: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path, path: PurePosixPath) -> None:
    target = folder / path
    if entry.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    content = entries.extractfile(entry)
    if content is None:
        raise Refused(f"'{entry.name}': has no content")
    mode = 0o755 if entry.mode & 0o100 else 0o644
    # exclusive: nothing that stands there already is ever written through
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        shutil.copyfileobj(content, file, 1024 * 1024)


if __name__ == "__main__":
    try:
        count = unpack(Path(sys.argv[1]), Path(sys.argv[2]))
    except Refused as refusal:
        sys.exit(f"build failed: payload refused: {refusal}")
    sys.stdout.write(f"unpacked {count} files\n")
