import io
import tarfile

import pytest

from functions.core.archive import Limits, inspect_archive
from functions.core.errors import HostileArchive
from tests.unit.core.archives import HOSTILE, add_file, add_files, archive


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


@pytest.mark.parametrize("over", [0, 1])
def test_limits_unpacked_bytes_at_the_limit_and_one_above(over: int) -> None:
    content = archive(lambda tar: add_file(tar, "model.bin", bytes(1000 + over)))
    if not over:
        assert inspect(content, Limits(unpacked_bytes=1000)) == ["model.bin"]
        return
    with pytest.raises(HostileArchive, match="at most 1000 bytes"):
        inspect(content, Limits(unpacked_bytes=1000))


CUT_OFF = archive(lambda tar: add_file(tar, "f", bytes(9000)))[:60]


@pytest.mark.parametrize("content", [b"", b"not gzip", CUT_OFF], ids=["empty", "not gzip", "cut off"])
def test_refuses_what_is_not_a_whole_archive(content: bytes) -> None:
    with pytest.raises(HostileArchive, match=r"not a readable|holds no files"):
        inspect(content)
