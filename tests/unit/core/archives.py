"""Archives made in memory: honest ones, and a corpus of hostile ones."""

import io
import tarfile
from collections.abc import Callable


def archive(fill: Callable[[tarfile.TarFile], None]) -> bytes:
    """A tar.gz that `fill` has put entries into."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        fill(tar)
    return buffer.getvalue()


def add_file(tar: tarfile.TarFile, name: str, content: bytes = b"x") -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def add_files(tar: tarfile.TarFile, *names: str) -> None:
    for name in names:
        add_file(tar, name)


def add_special(tar: tarfile.TarFile, name: str, kind: bytes, target: str = "") -> None:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.linkname = target
    tar.addfile(entry)


HOSTILE: dict[str, tuple[str, Callable[[tarfile.TarFile], None]]] = {
    "absolute": ("/etc/passwd", lambda tar: add_file(tar, "/etc/passwd")),
    "parent": ("../../outside", lambda tar: add_file(tar, "../../outside")),
    "parent inside": ("model/../../outside", lambda tar: add_file(tar, "model/../../outside")),
    "backslash": ("..\\outside", lambda tar: add_file(tar, "..\\outside")),
    "symbolic link": ("link", lambda tar: add_special(tar, "link", tarfile.SYMTYPE, "/etc")),
    "hard link": ("hard", lambda tar: add_special(tar, "hard", tarfile.LNKTYPE, "/etc/passwd")),
    "device": ("device", lambda tar: add_special(tar, "device", tarfile.CHRTYPE)),
    "pipe": ("pipe", lambda tar: add_special(tar, "pipe", tarfile.FIFOTYPE)),
    "sparse": ("sparse", lambda tar: add_special(tar, "sparse", tarfile.GNUTYPE_SPARSE)),
    "unprintable": ("line", lambda tar: add_file(tar, "line\nfeed")),
    "below a file": ("file/below", lambda tar: add_files(tar, "file", "file/below")),
    "a file and a folder": ("both", lambda tar: add_files(tar, "both/inside", "both")),
    "twice": ("same", lambda tar: add_files(tar, "same", "./same")),
    "bomb": ("zeros", lambda tar: add_file(tar, "zeros", bytes(300 * 1024**2))),
}
