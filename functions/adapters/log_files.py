"""What sonar keeps on S3: the request log's files, profiles, and the messages that were too large for the queue."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions.adapters.parquet import to_parquet
from functions.adapters.s3 import is_missing
from functions.core.errors import NotFound
from functions.core.observations import Checked
from functions.core.signature import Signature

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3LogFiles:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def write(self, key: str, signature: Signature, rows: Sequence[Checked]) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=to_parquet(signature, rows))


class S3ProfileStore:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, key: str) -> bytes | None:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if is_missing(error):
                return None
            raise

    def write(self, key: str, profile: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=profile)


class S3Claims:
    """Only `bucket` holds claims: a message that names another was not written by the gateway."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, bucket: str, key: str) -> bytes:
        if bucket != self._bucket:
            raise NotFound(f"no claims are kept in {bucket}")
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise NotFound(f"nothing is stored at {key}") if is_missing(error) else error from error
