"""AWS clients: one way to make them. Address, region and credentials come from the environment, as boto3 reads it."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

# Within the 29 seconds of an API call there is room for one slow answer and its repetition, not more.
CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
# Only signature version 4 signs the headers of a presigned request, and so size and checksum.
SIGNED = CONFIG.merge(Config(signature_version="s3v4"))


def client(service: str) -> Any:
    """A boto3 client for `service`."""
    return boto3.client(service, config=SIGNED if service == "s3" else CONFIG)  # type: ignore[call-overload]


def object_store(s3: Any) -> dict[str, str]:
    """What the client `s3` knows, in the words of those who read S3 without boto3; the credentials as they are now."""
    endpoint = str(s3.meta.endpoint_url)
    found = {"aws_endpoint_url": endpoint, "aws_region": str(s3.meta.region_name)}
    credentials = _session().get_credentials()
    if credentials:
        frozen = credentials.get_frozen_credentials()
        found |= {"aws_access_key_id": str(frozen.access_key), "aws_secret_access_key": str(frozen.secret_key)}
        found |= {"aws_session_token": frozen.token} if frozen.token else {}
    return found | ({"aws_allow_http": "true"} if endpoint.startswith("http:") else {})


@cache
def _session() -> boto3.Session:
    """It looks for credentials once, and then renews them."""
    return boto3.Session()
