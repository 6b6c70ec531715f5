"""What the payload store promises, held against the fake and against S3."""

import boto3
import pytest

from functions.adapters.clients import client
from functions.adapters.s3 import S3PayloadStore
from functions.core.errors import NotFound
from functions.core.ports import PayloadStore
from tests.fakes.payloads import FakePayloadStore

pytestmark = pytest.mark.disable_socket


@pytest.fixture(params=["fake", "s3"])
def payloads(request: pytest.FixtureRequest) -> PayloadStore:
    if request.param == "fake":
        return FakePayloadStore()
    bucket = request.getfixturevalue("bucket")
    return S3PayloadStore(client("s3"), bucket)


def test_what_is_written_can_be_measured_and_read(payloads: PayloadStore) -> None:
    payloads.write("models/a", b"12345")
    assert payloads.size("models/a") == 5
    with payloads.open("models/a") as body:
        assert body.read(2) == b"12"
        assert body.read() == b"345"


def test_a_copy_leaves_the_original(payloads: PayloadStore) -> None:
    payloads.write("uploads/a", b"12345")
    payloads.copy("uploads/a", "models/a")
    payloads.copy("uploads/a", "models/a")
    assert payloads.size("uploads/a") == payloads.size("models/a") == 5


def test_nothing_is_where_nothing_was_put(payloads: PayloadStore) -> None:
    assert payloads.size("nowhere") is None
    with pytest.raises(NotFound):
        payloads.open("nowhere")
    with pytest.raises(NotFound):
        payloads.copy("nowhere", "somewhere")


def test_deleting_twice_is_deleting(payloads: PayloadStore) -> None:
    payloads.write("a", b"1")
    payloads.delete("a")
    payloads.delete("a")
    assert payloads.size("a") is None


def test_a_presigned_address_comes_with_size_and_checksum(payloads: PayloadStore) -> None:
    presigned = payloads.presign("uploads/u/payload.tar.gz", "00" * 32, 5, 60)
    assert "uploads/u/payload.tar.gz" in presigned.url
    assert presigned.headers["content-length"] == "5"
    assert presigned.headers["x-amz-checksum-sha256"]


def test_s3_signs_size_and_checksum(bucket: str) -> None:
    """Signed headers are what makes S3 refuse another body: without them anything could be put there."""
    store = S3PayloadStore(client("s3"), bucket)
    presigned = store.presign("uploads/u/payload.tar.gz", "00" * 32, 5, 60)
    assert "X-Amz-SignedHeaders=content-length%3Bhost%3Bx-amz-checksum-sha256" in presigned.url
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in presigned.url
    assert "X-Amz-Expires=60" in presigned.url
    assert presigned.headers["x-amz-checksum-sha256"] == "A" * 43 + "="
    assert boto3.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0
