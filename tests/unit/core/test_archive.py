import gzip
import io
import tarfile

import pytest

from functions.core.archive import Limits, inspect_archive
from functions.core.errors import HostileArchive
from tests.unit.core.archives import HOSTILE, add_file, add_files, add_special, archive


def inspect(content: bytes, limits: Limits | None = None) -> list[str]:
    return inspect_archive(io.BytesIO(content), len(content), *([limits] if limits else []))


def test_lists_the_files_of_an_honest_archive() -> None:
    def fill(tar: tarfile.TarFile) -> None:
        directory = tarfile.TarInfo("src")
        directory.type = tarfile.DIRTYPE
        tar.addfile(directory)
        add_file(tar, "./src/func_main.py")
        add_file(tar, "model.skops", b"weights")

    assert inspect(archive(fill)) == ["src/func_main.py", "model.skops"]


@pytest.mark.parametrize("kind", HOSTILE)
def test_refuses_a_hostile_archive_and_names_the_entry(kind: str) -> None:
    entry, fill = HOSTILE[kind]
    with pytest.raises(HostileArchive) as refused:
        inspect(archive(fill))
    assert entry.strip("./") in refused.value.detail
    assert refused.value.problems


def test_counts_files() -> None:
    content = archive(lambda tar: add_files(tar, "f0", "f1", "f2", "f3"))
    assert len(inspect(content, Limits(files=4))) == 4
    with pytest.raises(HostileArchive, match=r"f3.*at most 3 files"):
        inspect(content, Limits(files=3))


@pytest.mark.parametrize("under", [0, 1])
def test_limits_unpacked_bytes_at_the_limit_and_one_below(under: int) -> None:
    content = archive(lambda tar: add_file(tar, "model.bin", bytes(30_000)))
    limits = Limits(unpacked_bytes=len(gzip.decompress(content)) - under)
    if not under:
        assert inspect(content, limits) == ["model.bin"]
        return
    with pytest.raises(HostileArchive, match=r"'model.bin'.*at most \d+ bytes"):
        inspect(content, limits)


def test_folders_count_as_files_do() -> None:
    """Ten million of them fit into a small payload."""

    def fill(tar: tarfile.TarFile) -> None:
        add_file(tar, "f")
        for at in range(100):
            add_special(tar, f"d{at}", tarfile.DIRTYPE)

    with pytest.raises(HostileArchive, match=r"'d9'.*at most 10 files and folders"):
        inspect(archive(fill), Limits(files=10))


def test_what_stands_around_the_files_is_metered_too() -> None:
    """Attributes, and the map of a sparse file, are no file's bytes."""

    def fill(tar: tarfile.TarFile) -> None:
        for at in range(200):
            entry = tarfile.TarInfo(f"f{at}")
            entry.pax_headers = {"comment": "a" * 60_000}
            tar.addfile(entry)

    content = archive(fill)
    with pytest.raises(HostileArchive, match="times the packed size"):
        inspect(content, Limits(ratio_from=1024**2))


CUT_OFF = archive(lambda tar: add_file(tar, "f", bytes(9000)))[:60]


@pytest.mark.parametrize("content", [b"", b"not gzip", CUT_OFF], ids=["empty", "not gzip", "cut off"])
def test_refuses_what_is_not_a_whole_archive(content: bytes) -> None:
    with pytest.raises(HostileArchive, match=r"not a readable|holds no files"):
        inspect(content)
