"""Model payloads on S3. The presigned address signs size and SHA-256, so S3 itself refuses another body."""

import base64
from typing import IO, TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from functions.core.errors import NotFound
from functions.core.ports import Presigned

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MISSING = ("404", "NoSuchKey", "NotFound")


class S3PayloadStore:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def presign(self, key: str, sha256: str, size: int, expires_in: int) -> Presigned:
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        parameters = {"Bucket": self._bucket, "Key": key, "ContentLength": size, "ChecksumSHA256": checksum}
        url = self._client.generate_presigned_url("put_object", Params=parameters, ExpiresIn=expires_in)
        return Presigned(url, {"content-length": str(size), "x-amz-checksum-sha256": checksum})

    def size(self, key: str) -> int | None:
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key)["ContentLength"]
        except ClientError as error:
            if is_missing(error):
                return None
            raise

    def open(self, key: str) -> IO[bytes]:
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
        except ClientError as error:
            raise _translated(error, key) from error
        return cast("IO[bytes]", body)

    def write(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def copy(self, source: str, target: str) -> None:
        try:
            self._client.copy_object(
                Bucket=self._bucket, Key=target, CopySource={"Bucket": self._bucket, "Key": source}
            )
        except ClientError as error:
            raise _translated(error, source) from error

    def delete(self, key: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=key)


def is_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in MISSING


def _translated(error: ClientError, key: str) -> Exception:
    return NotFound(f"nothing is stored at {key}") if is_missing(error) else error
