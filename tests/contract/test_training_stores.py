"""What the stores of training data promise, held against the fakes and against DynamoDB, S3 and SQS."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import boto3
import msgspec
import pytest
from msgspec.structs import replace

from functions.adapters.clients import client
from functions.adapters.dynamo.tables import TrainingFileRow, bind
from functions.adapters.dynamo.training_files import DynamoTrainingFileStore
from functions.adapters.training_objects import S3TrainingObjects, SqsTrainingQueue
from functions.core.errors import Conflict, NotFound
from functions.core.training import (
    Example,
    FileStatus,
    Location,
    ProfileWanted,
    Rejection,
    TrainingFile,
    TrainingFileStore,
    TrainingObjects,
)
from tests.contract.conftest import BUCKET
from tests.fakes.training import FakeTrainingFileStore, FakeTrainingObjects

pytestmark = pytest.mark.disable_socket

START = datetime(2026, 1, 1, tzinfo=UTC)


def file(id: str = "a", version_id: int = 1, **changes: object) -> TrainingFile:  # noqa: A002
    known = TrainingFile(
        version_id=version_id,
        id=id,
        name="train.csv",
        location=Location("bucket", f"training-data/{id}"),
        size=7,
        status=FileStatus.PROCESSING,
        rejections=(Rejection("x: expected a number", 2, (Example("line 3", "?"),)),),
        submitted=START,
    )
    return replace(known, **changes)


@pytest.fixture(params=["fake", "dynamo"])
def files(request: pytest.FixtureRequest) -> TrainingFileStore:
    if request.param == "fake":
        return FakeTrainingFileStore()
    return DynamoTrainingFileStore(request.getfixturevalue("tables"))


def test_a_file_is_created_once_and_read_back_whole(files: TrainingFileStore) -> None:
    files.create(file())
    with pytest.raises(Conflict):
        files.create(file(size=8))
    assert files.get(1, "a") == file()
    for version, name in ((1, "b"), (2, "a")):
        with pytest.raises(NotFound):
            files.get(version, name)


def test_files_of_a_version_come_by_id(files: TrainingFileStore) -> None:
    for name, version in (("b", 1), ("a", 1), ("c", 2)):
        files.create(file(name, version))
    assert [each.id for each in files.of_version(1)] == ["a", "b"]
    assert files.of_version(3) == []


def test_changes_at_once_are_all_made(files: TrainingFileStore) -> None:
    files.create(file())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: files.update(1, "a", lambda now: replace(now, rows=now.rows + 1)), range(8)))
    assert files.get(1, "a").rows == 8
    assert files.update(1, "gone", lambda now: now) is None


def test_a_file_is_deleted(files: TrainingFileStore) -> None:
    files.create(file())
    files.delete(1, "a")
    assert files.of_version(1) == []
    with pytest.raises(NotFound):
        files.delete(1, "a")


def test_s01_only_an_announcement_expires(tables: str) -> None:
    store, row = DynamoTrainingFileStore(tables), bind(TrainingFileRow, tables)
    store.create(file(status=FileStatus.UPLOADING))
    assert row.get(1, "a").expires == START.timestamp() + 24 * 3600
    store.update(1, "a", lambda now: replace(now, status=FileStatus.PROCESSING))
    assert row.get(1, "a").expires is None


@pytest.fixture(params=["fake", "s3"])
def objects(request: pytest.FixtureRequest) -> Iterator[TrainingObjects]:
    if request.param == "fake":
        yield FakeTrainingObjects(BUCKET)
    else:
        request.getfixturevalue("bucket")
        yield S3TrainingObjects(client("s3"), BUCKET)


PLACE = Location(BUCKET, "training-data/1/a")


def test_objects_are_read_in_ranges(objects: TrainingObjects) -> None:
    assert objects.find(PLACE) is None
    objects.write(PLACE.key, b"0123456789")
    stored = objects.find(PLACE)
    assert stored is not None
    assert stored.size == 10
    assert objects.read(PLACE, stored.etag, 0, 4) == b"0123"
    assert objects.read(PLACE, stored.etag, 8, 4) == b"89"


def test_s01_an_object_that_changed_or_went_is_noticed(objects: TrainingObjects) -> None:
    objects.write(PLACE.key, b"0123456789")
    stored = objects.find(PLACE)
    assert stored is not None
    objects.write(PLACE.key, b"9876543210")
    with pytest.raises(Conflict, match="was changed while it was read"):
        objects.read(PLACE, stored.etag, 0, 4)
    with pytest.raises(NotFound):
        objects.read(Location(BUCKET, "nowhere"), stored.etag, 0, 4)


def test_s01_an_upload_is_signed_with_size_and_checksum(objects: TrainingObjects) -> None:
    digest = hashlib.sha256(b"12345").hexdigest()
    presigned = objects.presign(PLACE.key, digest, 5, 60, passing=False)
    assert PLACE.key in presigned.url
    assert presigned.headers["content-length"] == "5"
    assert presigned.headers["x-amz-checksum-sha256"]


def test_s3_signs_size_and_checksum(bucket: str) -> None:
    presigned = S3TrainingObjects(client("s3"), bucket).presign(PLACE.key, "00" * 32, 5, 60, passing=False)
    assert "X-Amz-SignedHeaders=content-length%3Bhost%3Bx-amz-checksum-sha256&" in presigned.url
    assert "x-amz-tagging" not in presigned.headers


def test_s01_an_upload_is_passing_until_it_is_to_be_kept(bucket: str) -> None:
    s3 = client("s3")
    objects = S3TrainingObjects(s3, bucket)
    presigned = objects.presign(PLACE.key, "00" * 32, 5, 60, passing=True)
    assert "X-Amz-SignedHeaders=content-length%3Bhost%3Bx-amz-checksum-sha256%3Bx-amz-tagging&" in presigned.url
    s3.put_object(Bucket=bucket, Key=PLACE.key, Body=b"12345", Tagging=presigned.headers["x-amz-tagging"])
    assert s3.get_object_tagging(Bucket=bucket, Key=PLACE.key)["TagSet"] == [{"Key": "dewpoint", "Value": "passing"}]
    for _ in range(2):
        objects.keep(PLACE)
        assert s3.get_object_tagging(Bucket=bucket, Key=PLACE.key)["TagSet"] == []


def test_s01_an_object_is_removed_and_not_missed(objects: TrainingObjects) -> None:
    objects.write(PLACE.key, b"0123456789")
    for _ in range(2):
        objects.remove(PLACE)
        assert objects.find(PLACE) is None


def test_a_wish_is_a_message(aws: str) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="training")["QueueUrl"]
    SqsTrainingQueue(client("sqs"), url).send(ProfileWanted(3, "abc"))
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == '{"versionId":3,"fileId":"abc"}'
    assert msgspec.json.decode(message["Body"], type=ProfileWanted) == ProfileWanted(3, "abc")
