"""What the exchange of large bodies promises, held against the fake and against S3."""

import boto3
import pytest

from functions.adapters.exchange import S3ExchangeStore, connect
from functions.core.errors import PayloadTooLarge, Unavailable
from functions.core.ports import ExchangeStore
from tests.fakes.exchange import FakeExchangeStore

pytestmark = pytest.mark.disable_socket


@pytest.fixture(params=["fake", "s3"])
def exchange(request: pytest.FixtureRequest) -> ExchangeStore:
    if request.param == "fake":
        return FakeExchangeStore()
    bucket = request.getfixturevalue("bucket")
    return S3ExchangeStore(connect(), bucket)


def test_g20_what_is_there_is_read_up_to_the_limit_and_not_a_byte_beyond(exchange: ExchangeStore) -> None:
    exchange.deposit("inputs/a", b"12345", "application/json", 60)
    assert exchange.read("inputs/a", 5) == b"12345"
    with pytest.raises(PayloadTooLarge, match="takes 5 bytes; at most 4 are accepted"):
        exchange.read("inputs/a", 4)
    assert exchange.read("inputs/b", 5) is None


def test_a_deposit_has_an_address(exchange: ExchangeStore) -> None:
    assert "answers/a" in exchange.deposit("answers/a", b"{}", "application/json", 60)


@pytest.mark.parametrize("sha256", [None, "00" * 32])
def test_an_upload_says_what_must_be_sent(exchange: ExchangeStore, sha256: str | None) -> None:
    target = exchange.accept("inputs/a", 5, sha256, 60)
    assert "inputs/a" in target.url
    assert target.headers["content-length"] == "5"
    assert ("x-amz-checksum-sha256" in target.headers) == (sha256 is not None)


def test_s3_signs_size_checksum_and_time(bucket: str) -> None:
    store = S3ExchangeStore(connect(), bucket)
    plain, checked = (store.accept("inputs/a", 5, sha256, 60).url for sha256 in (None, "00" * 32))
    assert "X-Amz-SignedHeaders=content-length%3Bhost&" in plain
    assert "X-Amz-SignedHeaders=content-length%3Bhost%3Bx-amz-checksum-sha256&" in checked
    assert "X-Amz-Expires=60" in plain
    address = store.deposit("answers/a", b"{}", "application/json", 60)
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in address
    kept = boto3.client("s3").get_object(Bucket=bucket, Key="answers/a")
    assert (kept["ContentType"], kept["Body"].read()) == ("application/json", b"{}")


def test_a_store_that_refuses_is_unavailable_and_says_no_secret(aws: str) -> None:
    store = S3ExchangeStore(connect(), "nobody-made-this-bucket")
    with pytest.raises(Unavailable, match="the store of large payloads does not answer"):
        store.deposit("answers/a", b"{}", "application/json", 60)
