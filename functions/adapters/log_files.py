"""What sonar keeps on S3: the request log's files, profiles, and the messages that were too large for the queue."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions.adapters.parquet import joined, to_parquet
from functions.adapters.s3 import is_missing
from functions.core.errors import NotFound
from functions.core.observations import Checked, StoredFile
from functions.core.signature import Signature

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


THREADS = 16
MOST_REMOVED = 1000  # in one call


class S3LogFiles:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def write(self, key: str, signature: Signature, rows: Sequence[Checked]) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=to_parquet(signature, rows))

    def merge(self, keys: Sequence[str], target: str) -> None:
        with ThreadPoolExecutor(THREADS, thread_name_prefix="merge") as pool:
            parts = list(pool.map(self._read, keys))
        self._client.put_object(Bucket=self._bucket, Key=target, Body=joined(parts))

    def stored(self, prefix: str) -> Iterator[StoredFile]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            for found in page.get("Contents", ()):
                yield StoredFile(found["Key"], found["LastModified"].timestamp())

    def remove(self, keys: Sequence[str]) -> None:
        _remove(self._client, self._bucket, keys)

    def address(self, key: str, seconds: int) -> str:
        place = {"Bucket": self._bucket, "Key": key}
        return self._client.generate_presigned_url("get_object", Params=place, ExpiresIn=seconds)

    def _read(self, key: str) -> bytes:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise NotFound(f"nothing is stored at {key}") if is_missing(error) else error from error


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

    def remove(self, keys: Sequence[str]) -> None:
        _remove(self._client, self._bucket, keys)


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


def _remove(client: "S3Client", bucket: str, keys: Sequence[str]) -> None:
    for at in range(0, len(keys), MOST_REMOVED):
        objects: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in keys[at : at + MOST_REMOVED]]
        client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
