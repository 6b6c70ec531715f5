"""Custom resources (`Custom::*`): the function behind the service token is called and its answer awaited.

As on AWS, the function is invoked asynchronously with a presigned URL and puts its answer there.
"""

import json
import time
import uuid
from typing import Any, ClassVar

import boto3
from botocore.config import Config
from local_cloud.stacks.provider import PHYSICAL_ID, client_for, failed
from localstack import config
from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent, ResourceProvider

BUCKET = "local-cloud-custom-resources"
DEFAULT_TIMEOUT_SECONDS = 120.0
POLL_SECONDS = 0.1


class CustomResource(ResourceProvider):
    """Create, update and delete are events of one function."""

    TYPE = "AWS::CloudFormation::CustomResource"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "primaryIdentifier": [f"/properties/{PHYSICAL_ID}"],
        "createOnlyProperties": ["/properties/ServiceToken"],
        "properties": {},
    }

    def create(self, request: Any) -> ProgressEvent:
        """The function's Create."""
        return exchange(request, "Create", dict(request.desired_state))

    def update(self, request: Any) -> ProgressEvent:
        """The function's Update; the properties of both states are handed over."""
        previous = dict(request.previous_state or {})
        return exchange(request, "Update", dict(request.desired_state), previous.pop(PHYSICAL_ID, None), previous)

    def delete(self, request: Any) -> ProgressEvent:
        """The function's Delete."""
        state = dict(request.previous_state or request.desired_state)
        return exchange(request, "Delete", state, state.pop(PHYSICAL_ID, None))


def exchange(
    request: Any,
    kind: str,
    properties: dict[str, Any],
    physical_id: str | None = None,
    old: dict[str, Any] | None = None,
) -> ProgressEvent:
    """Call the function, wait for what it puts, and read it."""
    key = uuid.uuid4().hex
    storage = s3(request)
    storage.create_bucket(Bucket=BUCKET)
    event = {
        "RequestType": kind,
        "RequestId": str(uuid.uuid4()),
        "ResourceType": request.resource_type,
        "StackId": request.stack_id,
        "LogicalResourceId": request.logical_resource_id,
        "ResponseURL": storage.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": key}),
        "ServiceToken": properties["ServiceToken"],
        "ResourceProperties": properties,
        **({"PhysicalResourceId": physical_id} if physical_id else {}),
        **({"OldResourceProperties": old} if old is not None else {}),
    }
    functions = client_for("lambda_", request.account_id, request.region_name)
    functions.invoke(FunctionName=properties["ServiceToken"], InvocationType="Event", Payload=json.dumps(event))
    answer = awaited(storage, key, float(properties.get("ServiceTimeout", DEFAULT_TIMEOUT_SECONDS)))
    if answer is None:
        return failed(f"{properties['ServiceToken']} did not answer")
    if answer.get("Status") != "SUCCESS":
        return failed(str(answer.get("Reason") or f"{properties['ServiceToken']} gave no reason"))
    model = {**properties, **(answer.get("Data") or {}), PHYSICAL_ID: answer.get("PhysicalResourceId") or physical_id}
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


def awaited(storage: Any, key: str, timeout_s: float) -> dict[str, Any] | None:
    """The function's answer, or None when it did not come in time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            answer: dict[str, Any] = json.loads(storage.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        except storage.exceptions.NoSuchKey:
            time.sleep(POLL_SECONDS)
            continue
        storage.delete_object(Bucket=BUCKET, Key=key)
        return answer
    return None


def s3(request: Any) -> Any:
    """A client whose presigned URLs a function can reach: path style, on loopback."""
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}",
        region_name="us-east-1",
        aws_access_key_id=request.account_id,
        aws_secret_access_key="test",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
