"""Is a payload archive safe to unpack? Read as a stream, nothing is written, and the guilty entry is named.

Refused: absolute paths, `..`, links, devices, the same path twice, too many files, too many bytes, and archives that
unpack to many times their size (bombs).
"""

import tarfile
import zlib
from collections.abc import Container
from pathlib import PurePosixPath
from typing import IO, Protocol, cast

import msgspec

from functions.core.errors import HostileArchive, Problem


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    files: int = 10_000
    unpacked_bytes: int = 4 * 1024**3
    ratio: int = 200  # unpacked to packed
    path_length: int = 1024


DEFAULT_LIMITS = Limits()


# Long names and attributes come before an entry as entries of their own, which tarfile reads into memory whole.
PREAMBLES = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
PREAMBLE_BYTES = 64 * 1024


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Entry(tarfile.TarInfo):
    """An entry whose preamble is refused before it is read, when it is too long."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "Entry":
        entry = super().frombuf(buf, encoding, errors)
        if entry.type in PREAMBLES and entry.size > PREAMBLE_BYTES:
            _refuse(entry.name, f"a name and attributes of at most {PREAMBLE_BYTES} bytes", f"{entry.size} bytes")
        return entry


def inspect_archive(stream: Readable, packed_bytes: int, limits: Limits = DEFAULT_LIMITS) -> list[str]:
    """The files in a tar.gz. Raises HostileArchive naming the first entry that breaks a rule, or what is unreadable."""
    files: dict[str, None] = {}  # a list's order with a set's speed
    total = 0
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|gz", tarinfo=Entry) as archive:
            for entry in archive:
                _check_entry(entry, limits)
                if entry.isdir():
                    continue
                path = str(PurePosixPath(entry.name))
                total += entry.size
                _check_totals(path, files, len(files), total, packed_bytes, limits)
                files[path] = None
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise HostileArchive(f"not a readable tar.gz archive: {error}") from error
    if not files:
        raise HostileArchive("the archive holds no files")
    return list(files)


def _check_entry(entry: tarfile.TarInfo, limits: Limits) -> None:
    path = PurePosixPath(entry.name)
    if path.is_absolute() or "\\" in entry.name or "\0" in entry.name:
        _refuse(entry.name, "a relative path with forward slashes", "an absolute or malformed one")
    if ".." in path.parts:
        _refuse(entry.name, "a path inside the archive", "one with '..'")
    if entry.issym() or entry.islnk():
        _refuse(entry.name, "a regular file", f"a link to {entry.linkname}")
    if not (entry.isreg() or entry.isdir()):
        _refuse(entry.name, "a regular file", "a device or another special file")
    if len(entry.name) > limits.path_length:
        _refuse(entry.name[:80] + "…", f"a path of at most {limits.path_length} characters", str(len(entry.name)))


def _check_totals(path: str, files: Container[str], count: int, total: int, packed_bytes: int, limits: Limits) -> None:
    if path in files:
        _refuse(path, "each path once", "the same path again")
    if count >= limits.files:
        _refuse(path, f"at most {limits.files} files", "more")
    if total > limits.unpacked_bytes:
        _refuse(path, f"at most {limits.unpacked_bytes} bytes unpacked", f"{total} and more")
    if total > max(packed_bytes, 1024**2) * limits.ratio:
        _refuse(path, f"at most {limits.ratio} times the packed size", f"{total} bytes from {packed_bytes}")


def _refuse(name: str, expected: str, received: str) -> None:
    problem = Problem("/payload", expected, received)
    raise HostileArchive(f"entry {name!r}: expected {expected}, received {received}", (problem,))
