"""Training data on S3, read in ranges, and the queue of files that wait for their profile.

Uploads go to a bucket of the platform; size and SHA-256 are signed, so S3 itself refuses another body. Every range is
asked for by the object's ETag: what changes while it is read is noticed, never mixed.
"""

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
from botocore.exceptions import ClientError

from functions.adapters.s3 import is_missing
from functions.core.errors import Conflict, Forbidden, NotFound
from functions.core.ports import Presigned
from functions.core.training import Location, ProfileWanted, Stored

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

PASSING = {"dewpoint": "passing"}  # the tag by which the bucket's rule knows an upload that nobody completed
DENIED = ("403", "AccessDenied", "Forbidden")
CHANGED = ("412", "PreconditionFailed")


class S3TrainingObjects:
    """`bucket` is the platform's own, where uploads go."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def presign(self, key: str, sha256: str, size: int, expires_in: int, *, passing: bool) -> Presigned:
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        parameters = {"Bucket": self._bucket, "Key": key, "ContentLength": size, "ChecksumSHA256": checksum}
        headers = {"content-length": str(size), "x-amz-checksum-sha256": checksum}
        if passing:
            parameters["Tagging"] = headers["x-amz-tagging"] = urlencode(PASSING)
        url = self._client.generate_presigned_url("put_object", Params=parameters, ExpiresIn=expires_in)
        return Presigned(url, headers)

    def keep(self, location: Location) -> None:
        self._client.delete_object_tagging(Bucket=location.bucket, Key=location.key)

    def remove(self, location: Location) -> None:
        self._client.delete_object(Bucket=location.bucket, Key=location.key)

    def write(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def find(self, location: Location) -> Stored | None:
        try:
            found = self._client.head_object(Bucket=location.bucket, Key=location.key)
        except ClientError as error:
            if is_missing(error):
                return None
            raise _translated(error, location) from error
        return Stored(found["ContentLength"], found["ETag"])

    def read(self, location: Location, etag: str, start: int, length: int) -> bytes:
        place: Any = {"Bucket": location.bucket, "Key": location.key, "IfMatch": etag}
        try:
            found = self._client.get_object(**place, Range=f"bytes={start}-{start + length - 1}")
            return found["Body"].read()
        except ClientError as error:
            raise _translated(error, location) from error


class SqsTrainingQueue:
    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, wanted: ProfileWanted) -> None:
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=msgspec.json.encode(wanted).decode())


def _translated(error: ClientError, location: Location) -> Exception:
    code = error.response["Error"]["Code"]
    if code in DENIED:
        return Forbidden(f"the platform may not read {location.path}")
    if code in CHANGED:
        return Conflict(f"{location.path} was changed while it was read")
    return NotFound(f"there is no {location.path} any more") if is_missing(error) else error
