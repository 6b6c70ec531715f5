"""What was sent is looked at before it becomes a version: its size, its content, what its archive would unpack."""

import io
import tarfile

import pytest

from functions.core.errors import HostileArchive, InvalidRequest
from functions.manager.complete_upload import complete_upload
from tests.unit.manager.world import World, archive


def test_another_size_is_refused(world: World) -> None:
    upload = world.uploads.get(world.uploaded())
    world.payloads.write(upload.payload_key, b"x" * (upload.size + 1))
    with pytest.raises(InvalidRequest, match=f"expected {upload.size} bytes, received {upload.size + 1} bytes"):
        complete_upload(world, upload.upload_id)


def test_another_content_is_refused(world: World) -> None:
    body = archive(a=b"1")
    other = body[:4] + b"\0\0\0\1" + body[8:]  # the same archive, packed at another time
    upload = world.uploads.get(world.uploaded(body))
    world.payloads.write(upload.payload_key, other)
    with pytest.raises(InvalidRequest, match="sha256"):
        complete_upload(world, upload.upload_id)


def test_bytes_after_the_archive_count_too(world: World) -> None:
    body = archive(a=b"1") + b"trailing"
    upload = world.uploads.get(world.uploaded(body))
    world.payloads.write(upload.payload_key, body[:-1] + b"!")
    with pytest.raises(InvalidRequest):
        complete_upload(world, upload.upload_id)


def hostile(name: str, kind: bytes = tarfile.REGTYPE, linkname: str = "") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, linkname
        tar.addfile(entry)
    return target.getvalue()


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (hostile("../../etc/passwd"), "'../../etc/passwd'"),
        (hostile("/etc/passwd"), "'/etc/passwd'"),
        (hostile("a", tarfile.SYMTYPE, "/etc/passwd"), "'a'.*link to /etc/passwd"),
        (hostile("b", tarfile.LNKTYPE, "c"), "'b'"),
        (hostile("device", tarfile.CHRTYPE), "'device'"),
        (b"not an archive", "not a readable tar.gz"),
        (archive(a=b"1" * 100_000)[:-20], "not a readable tar.gz"),
    ],
    # Bytes as ids would hold the archive's time, and differ between the processes of one run
    ids=["outside", "absolute", "symlink", "hard link", "device", "no archive", "cut off"],
)
def test_a_hostile_archive_becomes_no_version(world: World, body: bytes, named: str) -> None:
    upload_id = world.uploaded(body)
    with pytest.raises(HostileArchive, match=named):
        complete_upload(world, upload_id)
    assert len(world.models) == len(world.builder) == 0


def test_a_name_that_would_fill_the_memory_is_refused_unread(world: World) -> None:
    with pytest.raises(HostileArchive, match="name and attributes"):
        complete_upload(world, world.uploaded(archive(**{"n" * 200_000: b"1"})))
