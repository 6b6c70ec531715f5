"""Payloads: the same files give the same archive, and only what belongs goes in."""

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest
from dewpoint.errors import InvalidPayload
from dewpoint.payload import collect, pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("src/main.py", "src/deep/more.py", "src/.git/HEAD", "src/__pycache__/a.pyc", "src/a.pyc", ".pip.conf"):
        path = tmp_path / "model" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "elsewhere.bin").write_bytes(b"\0" * 1000)
    return tmp_path / "model"


def packed(folder: Path, *entries: str) -> bytes:
    archive = pack(collect(folder, entries))
    content = archive.stream.read()
    archive.stream.close()
    assert len(content) == archive.size
    return content


def test_the_same_files_give_the_same_archive(folder: Path, tmp_path: Path) -> None:
    first, digest = packed(folder, "src/"), collect(folder, ["src/"]).digest()
    for path in folder.rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    assert packed(folder, "src/") == first
    assert collect(folder, ["src/"]).digest() == digest
    folder.rename(tmp_path / "renamed")
    assert packed(tmp_path / "renamed", "src") == first


def test_contents_names_and_executability_count(folder: Path) -> None:
    digests = {collect(folder, ["src"]).digest()}
    (folder / "src/main.py").write_text("changed")
    digests.add(collect(folder, ["src"]).digest())
    (folder / "src/main.py").rename(folder / "src/other.py")
    digests.add(collect(folder, ["src"]).digest())
    (folder / "src/other.py").chmod(0o755)
    digests.add(collect(folder, ["src"]).digest())
    assert len(digests) == 4


def test_junk_stays_out_unless_listed_by_itself(folder: Path) -> None:
    names = [file.path for file in collect(folder, ["src/", ".pip.conf", "../elsewhere.bin"]).files]
    assert names == [".pip.conf", "elsewhere.bin", "src/deep/more.py", "src/main.py"]
    assert [file.path for file in collect(folder, ["."]).files] == ["src/deep/more.py", "src/main.py"]


def test_the_archive_says_nothing_of_this_machine(folder: Path) -> None:
    content = packed(folder, "src/main.py")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        (entry,) = archive.getmembers()
    assert (entry.name, entry.mtime, entry.uid, entry.gid, entry.uname, entry.mode) == (
        "src/main.py",
        0,
        0,
        0,
        "",
        0o644,
    )
    assert entry.isreg()
    assert gzip.decompress(content)
    assert content[4:8] == b"\0\0\0\0"  # gzip's own time


def test_links_to_files_are_followed_and_links_to_folders_refused(folder: Path) -> None:
    (folder / "src/link.bin").symlink_to(folder.parent / "elsewhere.bin")
    with tarfile.open(fileobj=io.BytesIO(packed(folder, "src"))) as archive:
        linked = archive.getmember("src/link.bin")
    assert (linked.isreg(), linked.size) == (True, 1000)
    (folder / "src/loop").symlink_to(folder)
    with pytest.raises(InvalidPayload, match="link to a folder"):
        collect(folder, ["src"])


def test_all_faults_are_told(folder: Path) -> None:
    os.mkfifo(folder / "src/pipe")
    (folder / "src/broken").symlink_to("nowhere")
    other = folder.parent / "other"
    other.mkdir()
    (other / "main.py").write_text("another")
    (folder / "main.py").write_text("one")
    with pytest.raises(InvalidPayload) as told:
        collect(folder, ["missing", "src/pipe", "src/broken", "main.py", str(other / "main.py")])
    lines = str(told.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["missing", "src/pipe", "src/broken", str(other / "main.py")]
    assert "not a regular file" in lines[1]
    assert "already in the payload" in lines[3]
    with pytest.raises(InvalidPayload, match="holds no files"):
        collect(folder, [])
