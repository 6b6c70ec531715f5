"""Bodies too large for a call, on S3. Presigned addresses sign size and checksum, so S3 itself refuses another body."""

import base64
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from functions.core.errors import PayloadTooLarge, Unavailable
from functions.core.ports import Presigned

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MISSING = ("404", "NoSuchKey", "NotFound")
# In the path of a prediction: one repetition, and nothing that takes longer than the call may
QUICK = Config(
    connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}, signature_version="s3v4"
)


def connect() -> "S3Client":
    """botocore's own client: boto3 would add a tenth to the start of the function."""
    return cast("S3Client", get_session().create_client("s3", config=QUICK))


class S3ExchangeStore:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def accept(self, key: str, size: int, sha256: str | None, expires_in: int) -> Presigned:
        parameters: dict[str, Any] = {"Bucket": self._bucket, "Key": key, "ContentLength": size}
        headers = {"content-length": str(size)}
        if sha256:
            checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
            parameters["ChecksumSHA256"] = headers["x-amz-checksum-sha256"] = checksum
        url = self._client.generate_presigned_url("put_object", Params=parameters, ExpiresIn=expires_in)
        return Presigned(url, headers)

    def read(self, key: str, largest: int) -> bytes | None:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=key)
            size = found["ContentLength"]
            if size > largest:
                raise PayloadTooLarge(f"the payload takes {size} bytes; at most {largest} are accepted")
            return found["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise _unavailable(error) from error
        except BotoCoreError as error:
            raise _unavailable(error) from error

    def deposit(self, key: str, body: bytes, content_type: str, expires_in: int) -> str:
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)
        except (ClientError, BotoCoreError) as error:
            raise _unavailable(error) from error
        place = {"Bucket": self._bucket, "Key": key}
        return self._client.generate_presigned_url("get_object", Params=place, ExpiresIn=expires_in)


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"the store of large payloads does not answer: {type(error).__name__}")
