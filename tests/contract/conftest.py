"""AWS in process for the real adapters: every client talks to moto, and no socket is opened for it."""

import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.responses import DynamoHandler

from functions.adapters.dynamo.tables import TABLES, bind

REGION = "eu-west-1"
PREFIX = "contract"
BUCKET = "contract-payloads"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty account; its region."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    # DynamoDB makes each call whole; moto lets two interleave.
    one_at_a_time, call_action = threading.Lock(), DynamoHandler.call_action

    def whole(handler: DynamoHandler) -> Any:
        with one_at_a_time:
            return call_action(handler)

    monkeypatch.setattr(DynamoHandler, "call_action", whole)
    # One session for all tests: each new one would read the descriptions of the services again.
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        yield REGION


@pytest.fixture
def tables(aws: str) -> str:
    """All tables; their prefix."""
    for row in TABLES:
        bind(row, PREFIX).create_table(billing_mode="PAY_PER_REQUEST", wait=True)
    return PREFIX


@pytest.fixture
def bucket(aws: str) -> str:
    place = {"LocationConstraint": REGION}
    boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)  # type: ignore[arg-type]
    return BUCKET
