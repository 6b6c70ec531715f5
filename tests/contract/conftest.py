"""AWS in process for the real adapters: every client talks to moto, and no socket is opened for it.

moto is imported by the fixtures: only the worker that runs these tests pays for it.
"""

import threading
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import boto3
import pytest

from functions.adapters.dynamo.tables import TABLES, bind
from tests.contract.all_stores import Stores, dynamo_stores, fake_stores

ACCOUNT = "123456789012"  # moto's
REGION = "eu-west-1"
PREFIX = "contract"
BUCKET = "contract-payloads"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty account; its region."""
    from moto import mock_aws
    from moto.dynamodb.responses import DynamoHandler

    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # thousands of machine images that nobody asks for
    # DynamoDB makes each call whole; moto lets two interleave.
    one_at_a_time, call_action = threading.Lock(), DynamoHandler.call_action

    def whole(handler: DynamoHandler) -> Any:
        with one_at_a_time:
            return call_action(handler)

    monkeypatch.setattr(DynamoHandler, "call_action", whole)
    # One session for all tests: each new one would read the descriptions of the services again.
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        yield REGION


@pytest.fixture(scope="session")
def made_before() -> dict[str, Any]:
    """The empty tables as moto keeps them, from the first test that has made them: that takes 50 times as long."""
    return {}


@pytest.fixture
def tables(aws: str, made_before: dict[str, Any]) -> str:
    """All tables; their prefix."""
    from moto.dynamodb.models import dynamodb_backends

    kept = dynamodb_backends[ACCOUNT][aws].tables
    if not made_before:
        for row in TABLES:
            bind(row, PREFIX).create_table(billing_mode="PAY_PER_REQUEST", wait=True)
        made_before.update(deepcopy(kept))
    kept.update(deepcopy(made_before))
    return PREFIX


@pytest.fixture
def bucket(aws: str) -> str:
    place = {"LocationConstraint": REGION}
    boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)  # type: ignore[arg-type]
    return BUCKET


@pytest.fixture(params=["fake", "dynamo"])
def stores(request: pytest.FixtureRequest) -> Stores:
    return fake_stores() if request.param == "fake" else dynamo_stores(request.getfixturevalue("tables"))
