"""What the engine does: refuse, undo, explain, call functions."""

import uuid
from typing import Any

import pytest

from .conftest import Cloud
from .stack import Stack, Template, att, resource

pytestmark = pytest.mark.cloud


def test_a_type_that_nobody_serves_fails_the_deployment(stack: Stack) -> None:
    with pytest.raises(AssertionError, match="AWS::Braket::Nonsense"):
        stack.deploy({"Odd": resource("Braket::Nonsense", Name="x")})


def test_a_failed_creation_says_why_and_is_undone(cloud: Cloud, stack: Stack) -> None:
    name = f"kept-{uuid.uuid4().hex[:8]}"
    bad = {**resource("ECR::Repository", RepositoryName="Not A Name"), "DependsOn": "Good"}

    with pytest.raises(AssertionError, match=r"Bad: .*repositoryName|Bad: .*InvalidParameter"):
        stack.deploy({"Good": resource("S3::Bucket", BucketName=name), "Bad": bad})

    assert stack.status() == "ROLLBACK_COMPLETE"
    buckets = [bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]]
    assert name not in buckets
    stack.delete()


def test_a_change_that_cannot_be_made_fails_with_its_reason(stack: Stack) -> None:
    def key(usage: str) -> Template:
        return {
            "Bus": resource(
                "Events::Connection",
                Name="c",
                AuthorizationType="API_KEY",
                AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": usage}},
            )
        }

    stack.deploy(key("one"))
    with pytest.raises(AssertionError, match="cannot be updated in the local cloud"):
        stack.deploy(key("two"))


CUSTOM = """
import json, urllib.request
def handler(event, context):
    answer = {'Status': 'FAILED' if event['ResourceProperties'].get('Fail') else 'SUCCESS', 'Reason': 'as told',
              'PhysicalResourceId': 'thing', 'Data': {'Doubled': event['ResourceProperties'].get('Word', '') * 2},
              **{key: event[key] for key in ('StackId', 'RequestId', 'LogicalResourceId')}}
    request = urllib.request.Request(event['ResponseURL'], json.dumps(answer).encode(), method='PUT',
                                     headers={'Content-Type': ''})
    urllib.request.urlopen(request)
"""


def test_custom_resources_call_their_function(stack: Stack, make_function: Any) -> None:
    function = make_function(CUSTOM)

    def custom(**properties: str) -> Template:
        return {"Thing": {"Type": "Custom::Thing", "Properties": {"ServiceToken": function, **properties}}}

    assert stack.deploy(custom(Word="ab"), Value=att("Thing", "Doubled")) == {"Value": "abab"}
    assert stack.deploy(custom(Word="cd"), Value=att("Thing", "Doubled")) == {"Value": "cdcd"}
    with pytest.raises(AssertionError, match="as told"):
        stack.deploy(custom(Fail="yes"), Value="")
