"""Hostile archives are refused with the entry named, and nothing is written outside the folder."""

import gzip
import io
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from servable import unpack as module
from servable.unpack import Limits, Refused, unpack

Fill = Callable[[tarfile.TarFile], None]


def archive(folder: Path, fill: Fill, kind: int = tarfile.PAX_FORMAT) -> Path:
    path = folder / "payload.tar.gz"
    with tarfile.open(path, "w:gz", format=kind) as entries:
        fill(entries)
    return path


def add(entries: tarfile.TarFile, name: str, content: bytes = b"x", **attributes: Any) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    for key, value in attributes.items():
        setattr(entry, key, value)
    entries.addfile(entry, io.BytesIO(content))


def of(*names: str, **attributes: Any) -> Fill:
    def fill(entries: tarfile.TarFile) -> None:
        for name in names:
            add(entries, name, **attributes)

    return fill


def test_files_and_folders(tmp_path: Path) -> None:
    def fill(entries: tarfile.TarFile) -> None:
        add(entries, "./src", b"", type=tarfile.DIRTYPE, mode=0o777)
        add(entries, "./src/func_main.py", b"def predict(): ...", mode=0o4777)
        add(entries, "model.bin", b"\0" * 1000, mode=0o000)
        add(entries, "naïve/名.txt", b"text")

    target = tmp_path / "files"
    assert unpack(archive(tmp_path, fill), target) == 3
    assert (target / "src" / "func_main.py").read_text() == "def predict(): ..."
    assert (target / "model.bin").stat().st_size == 1000
    assert (target / "naïve" / "名.txt").read_text() == "text"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in target.rglob("*") if path.is_file()}
    assert modes == {"func_main.py": 0o755, "model.bin": 0o644, "名.txt": 0o644}


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (of("ok", "/etc/passwd"), "'/etc/passwd': expected a relative path"),
        (of("../up"), r"'../up': a path with '\.\.'"),
        (of("a/../../up"), r"'a/../../up': a path with '\.\.'"),
        (of("..\\up"), "forward slashes"),
        (of("a\nb"), "forward slashes"),
        (of("a\x1b[2Jb"), "expected a printable path"),
        (of("a" * 2000), "at most 1024 characters"),
        (of("link", type=tarfile.SYMTYPE, linkname="/etc"), "'link': expected a regular file, found a link to /etc"),
        (of("link", type=tarfile.LNKTYPE, linkname="../x"), r"'link': .*found a link to \.\./x"),
        (of("dev", type=tarfile.CHRTYPE), "'dev': .*found a device"),
        (of("pipe", type=tarfile.FIFOTYPE), "'pipe': .*found a device or another special file"),
        (of("twice", "twice"), "'twice': is in the archive twice"),
        (of("twice", "./twice"), "'./twice': is in the archive twice"),
        (of("a", "a/b"), "'a/b': lies below 'a', which is a file"),
        (of("a/b", "a"), "'a': is in the archive twice"),
        (of(), "holds no files"),
        (of("folder", type=tarfile.DIRTYPE), "holds no files"),
    ],
)
def test_hostile_archives(tmp_path: Path, fill: Fill, said: str) -> None:
    with pytest.raises(Refused, match=said):
        unpack(archive(tmp_path, fill), tmp_path / "deep" / "files")
    outside = {path.name for path in tmp_path.rglob("*")} - {"payload.tar.gz", "deep", "files", "ok", "twice", "a", "b"}
    assert outside <= {"folder"}


def test_a_link_that_was_there_before_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "x").symlink_to(tmp_path / "victim")
    with pytest.raises(Refused, match="File exists"):
        unpack(archive(tmp_path, of("x")), tmp_path / "files")
    assert not (tmp_path / "victim").exists()


def test_too_many_files(tmp_path: Path) -> None:
    many = of(*(f"f{number}" for number in range(30)))
    with pytest.raises(Refused, match="'f20': the archive holds more than 20 files and folders"):
        unpack(archive(tmp_path, many), tmp_path / "files", Limits(files=20))


def test_too_many_bytes(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="unpacks to more than 100000 bytes"):
        unpack(
            archive(tmp_path, lambda a: add(a, "big", bytes(200_000))), tmp_path / "f", Limits(unpacked_bytes=100_000)
        )


def test_a_bomb_is_stopped_while_it_unpacks(tmp_path: Path) -> None:
    limits = Limits(ratio_from=1_000_000)
    with pytest.raises(Refused, match="'bomb': the archive unpacks to more than 200 times its size"):
        unpack(archive(tmp_path, lambda a: add(a, "bomb", bytes(50_000_000))), tmp_path / "files", limits)
    assert (tmp_path / "files" / "bomb").stat().st_size < 20_000_000


def test_a_bomb_of_headers_is_stopped_too(tmp_path: Path) -> None:
    def fill(entries: tarfile.TarFile) -> None:
        add(entries, "x", pax_headers={"comment": "a" * 20_000_000})

    with pytest.raises(Refused, match="more than 1000000 bytes"):
        unpack(archive(tmp_path, fill), tmp_path / "files", Limits(unpacked_bytes=1_000_000))


def test_a_sparse_file(tmp_path: Path) -> None:
    headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "s",
        "GNU.sparse.realsize": "9999999",
    }
    content = b"1\n0\n0\n".ljust(512, b"\0")
    with pytest.raises(Refused, match="'s': expected a regular file"):
        unpack(archive(tmp_path, lambda a: add(a, "s", content, pax_headers=headers)), tmp_path / "files")


@pytest.mark.parametrize("content", [b"", b"not gzip", gzip.compress(b"not tar" * 200, mtime=0)])
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "payload.tar.gz").write_bytes(content)
    with pytest.raises(Refused, match=r"not a readable tar\.gz archive|holds no files"):
        unpack(tmp_path / "payload.tar.gz", tmp_path / "files")


def test_a_truncated_archive(tmp_path: Path) -> None:
    path = archive(tmp_path, lambda a: add(a, "x", bytes(range(256)) * 400))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Refused, match=r"not a readable tar\.gz archive"):
        unpack(path, tmp_path / "files")


def test_the_command_runs_on_the_standard_library_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", module.__file__]
    good = subprocess.run([*command, archive(tmp_path, of("x")), tmp_path / "one"], capture_output=True, text=True)
    bad = subprocess.run([*command, archive(tmp_path, of("/x")), tmp_path / "two"], capture_output=True, text=True)
    assert (good.returncode, good.stdout) == (0, "unpacked 1 files\n")
    assert bad.returncode == 1
    assert bad.stderr.startswith("build failed: payload refused: '/x'")
