"""Payloads: the files of a model, packed the same way every time.

The archive is a tar.gz of regular files only, sorted, without times, owners or links, so that the same files give the
same archive. What is recognised again is the *content* (`Payload.digest`), never the compressed bytes, which another
version of zlib would write differently. Hidden files and byte code inside a folder are left out; a file that is listed
by itself goes in whatever its name.
"""

import gzip
import hashlib
import os
import stat
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dewpoint.errors import InvalidPayload

JUNK_FOLDERS = {"__pycache__", "node_modules"}
JUNK_SUFFIXES = {".pyc", ".pyo"}
SPOOLED = 8 * 1024**2  # larger archives go to a temporary file
CHUNK = 1024**2

Count = Callable[[int], None]


@dataclass(frozen=True)
class PayloadFile:
    """`path` is where the file will be in the payload."""

    path: str
    source: Path
    size: int
    executable: bool


@dataclass(frozen=True)
class Payload:
    files: tuple[PayloadFile, ...]

    @property
    def size(self) -> int:
        """Bytes before packing."""
        return sum(file.size for file in self.files)

    def digest(self) -> str:
        """SHA-256, hexadecimal, of the names and contents. Raises InvalidPayload for an unreadable file."""
        whole = hashlib.sha256()
        for file in self.files:
            with _opened(file) as stream:
                content = _digest(stream)
            whole.update(f"{file.path}\0{int(file.executable)}\0{content}\n".encode())
        return whole.hexdigest()


@dataclass(frozen=True)
class Archive:
    """An open, temporary file that holds the packed payload; `sha256` is hexadecimal, `size` in bytes."""

    stream: IO[bytes]
    sha256: str
    size: int


def collect(folder: str | Path, entries: Sequence[str]) -> Payload:
    """The files that `entries` (paths relative to `folder`, or absolute) name.

    An entry inside `folder` keeps its relative path, any other goes in under its own name. Raises InvalidPayload, with
    every fault found.
    """
    files: dict[str, PayloadFile] = {}
    faults: list[str] = []
    for entry in entries:
        try:
            for path, source in _expand(Path(folder), entry):
                if path in files and files[path].source != source:
                    faults.append(f"{entry}: {path!r} is already in the payload, from {files[path].source}")
                files.setdefault(path, _payload_file(path, source))
        except (OSError, InvalidPayload) as error:
            faults.append(f"{entry}: {_reason(error)}")
    if not files and not faults:
        faults.append("the payload holds no files")
    if faults:
        raise InvalidPayload("\n".join(faults))
    return Payload(tuple(files[path] for path in sorted(files)))


def pack(payload: Payload, count: Count = lambda _: None) -> Archive:
    """Packs `payload`; `count` is told the bytes of each file read. Raises InvalidPayload for an unreadable file."""
    stream: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115 (the caller closes it)
    try:
        with (
            gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0, compresslevel=6) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for file in payload.files:
                with _opened(file) as source:
                    archive.addfile(_entry(file, os.fstat(source.fileno()).st_size), source)
                count(file.size)
        size = stream.tell()
        stream.seek(0)
        sha256 = _digest(stream)
        stream.seek(0)
    except BaseException:
        stream.close()
        raise
    return Archive(stream, sha256, size)


def _expand(folder: Path, entry: str) -> Iterator[tuple[str, Path]]:
    source = Path(os.path.normpath(folder / entry))
    relative = os.path.relpath(source, os.path.normpath(folder))
    outside = relative.startswith("..") or Path(entry).is_absolute()
    top = Path(source.name if outside else relative)
    if not source.exists():
        raise InvalidPayload(f"there is no {source}")
    if not source.is_dir():
        yield top.as_posix(), source
        return
    for path in sorted(_walk(source)):
        yield (top / path.relative_to(source)).as_posix(), path


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in JUNK_FOLDERS or path.suffix in JUNK_SUFFIXES:
            continue
        if not path.is_dir():
            yield path
        elif path.is_symlink():
            raise InvalidPayload(f"{path} is a link to a folder; list that folder in the payload instead")
        else:
            yield from _walk(path)


def _payload_file(path: str, source: Path) -> PayloadFile:
    status = source.stat()  # a link to a file is followed: data version control puts links in working folders
    if not stat.S_ISREG(status.st_mode):
        raise InvalidPayload(f"{source} is not a regular file")
    return PayloadFile(path, source, status.st_size, bool(status.st_mode & stat.S_IXUSR))


def _opened(file: PayloadFile) -> IO[bytes]:
    try:
        return file.source.open("rb")
    except OSError as error:
        raise InvalidPayload(f"{file.source}: {_reason(error)}") from error


def _entry(file: PayloadFile, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(file.path)
    entry.size = size
    entry.mode = 0o755 if file.executable else 0o644
    return entry


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
