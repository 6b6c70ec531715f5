"""Is a payload archive safe to unpack? Read as a stream, nothing is written, and the guilty entry is named.

Refused: absolute paths, `..`, links, devices, the same path twice, files below files, too many files and folders, too
many bytes, and archives that unpack to many times their size (bombs). The build, which unpacks, has the same rules
(servable/unpack.py).
"""

import gzip
import tarfile
import zlib
from pathlib import PurePosixPath
from typing import IO, Protocol, cast

import msgspec

from functions.core.errors import HostileArchive, Problem


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`unpacked_bytes` and `ratio` (unpacked to packed) are of all that comes out, what stands around the files
    included; the ratio counts only beyond `ratio_from` bytes, because small texts pack well."""

    files: int = 10_000  # and folders
    unpacked_bytes: int = 4 * 1024**3
    ratio: int = 200
    ratio_from: int = 64 * 1024**2
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


class Meter:
    """A stream that stops a bomb while it unpacks, whatever its entries say of themselves."""

    def __init__(self, source: Readable, packed_bytes: int, limits: Limits) -> None:
        self.entry = ""  # the last one seen
        self._source = source
        self._packed = packed_bytes
        self._limits = limits
        self._given = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self._given += len(data)
        most = self._limits.unpacked_bytes
        if self._given > most:
            _refuse(self.entry, f"at most {most} bytes unpacked", f"{self._given} and more")
        if self._given > max(self._limits.ratio_from, self._packed * self._limits.ratio):
            received = f"{self._given} bytes and more from {self._packed}"
            _refuse(self.entry, f"at most {self._limits.ratio} times the packed size", received)
        return data


class Seen:
    """The files and folders so far, also those that only paths of others name."""

    def __init__(self) -> None:
        self.files: dict[PurePosixPath, None] = {}  # a list's order with a set's speed
        self.folders: set[PurePosixPath] = set()

    def add(self, entry: tarfile.TarInfo, limits: Limits) -> None:
        path = PurePosixPath(entry.name)
        if path in self.files or (entry.isreg() and path in self.folders):
            _refuse(str(path), "each path once", "the same path again")
        if file := next((parent for parent in path.parents if parent in self.files), None):
            _refuse(str(path), "a path inside a folder", f"one below {file}, which is a file")
        self.folders.update(path.parents[:-1])  # the last one is the archive itself
        if entry.isreg():
            self.files[path] = None
        else:
            self.folders.add(path)
        if len(self.files) + len(self.folders) > limits.files:
            _refuse(str(path), f"at most {limits.files} files and folders", "more")


def inspect_archive(stream: Readable, packed_bytes: int, limits: Limits = DEFAULT_LIMITS) -> list[str]:
    """The files in a tar.gz. Raises HostileArchive naming the first entry that breaks a rule, or what is unreadable."""
    seen = Seen()
    try:
        with gzip.GzipFile(fileobj=cast("IO[bytes]", stream)) as unpacked:
            meter = Meter(unpacked, packed_bytes, limits)
            with tarfile.open(fileobj=cast("IO[bytes]", meter), mode="r|", tarinfo=Entry) as archive:
                for entry in archive:
                    meter.entry = entry.name
                    _check_entry(entry, limits)
                    seen.add(entry, limits)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise HostileArchive(f"not a readable tar.gz archive: {error}") from error
    if not seen.files:
        raise HostileArchive("the archive holds no files")
    return list(map(str, seen.files))


def _check_entry(entry: tarfile.TarInfo, limits: Limits) -> None:
    path = PurePosixPath(entry.name)
    if len(entry.name) > limits.path_length:
        _refuse(entry.name[:80] + "…", f"a path of at most {limits.path_length} characters", str(len(entry.name)))
    if path.is_absolute() or "\\" in entry.name or not entry.name.isprintable():
        _refuse(entry.name, "a relative, printable path with forward slashes", "an absolute or malformed one")
    if ".." in path.parts:
        _refuse(entry.name, "a path inside the archive", "one with '..'")
    if entry.issym() or entry.islnk():
        _refuse(entry.name, "a regular file", f"a link to {entry.linkname}")
    if entry.issparse() or not (entry.isreg() or entry.isdir()):
        _refuse(entry.name, "a regular file", "a device or another special file")


def _refuse(name: str, expected: str, received: str) -> None:
    problem = Problem("/payload", expected, received)
    raise HostileArchive(f"entry {name!r}: expected {expected}, received {received}", (problem,))
