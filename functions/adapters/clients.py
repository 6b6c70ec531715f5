"""AWS clients: one way to make them. Address, region and credentials come from the environment, as boto3 reads it."""

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
