"""The administrator's key: issued by the platform's own function, as an operator of a real account would have it done.

aws lambda invoke --function-name <output KeyIssuerFunctionName> --payload '{"name":"admin","role":"admin"}' …
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from local.machine.deployment import Cdk, stack_output
from local.machine.environment import REGION
from local.machine.errors import MachineError
from local.machine.progress import Say

OUTPUT = "KeyIssuerFunctionName"
REQUEST = {"name": "admin", "role": "admin"}

Invoke = Callable[[str, Mapping[str, str]], Mapping[str, Any]]


class IssueKey:
    """Once per emulator instance: the hash of the key is kept in its memory."""

    title = "issuing the administrator's key"

    def __init__(self, cdk: Cdk, invoke: Invoke) -> None:
        self._cdk = cdk
        self._invoke = invoke

    def needed(self) -> bool:
        record = self._cdk.state.record
        return not record.api_key or record.key_of != self._cdk.instance

    def run(self, _say: Say) -> None:
        """Raises MachineError when the function fails or answers without a key."""
        function = stack_output(self._cdk.outputs, OUTPUT)
        answer = self._invoke(function, REQUEST)
        key = answer.get("key")
        if not isinstance(key, str) or not key:
            raise MachineError(f"{function} answered without a key")
        record = self._cdk.state.record
        record.api_key, record.key_of = key, self._cdk.instance
        self._cdk.state.save()


def invoke_at(endpoint: Callable[[], str]) -> Invoke:
    """An Invoke that calls functions of the emulator at `endpoint()`."""

    def invoke(function: str, payload: Mapping[str, str]) -> Mapping[str, Any]:
        import boto3

        make: Any = boto3.client
        client = make(
            "lambda",
            endpoint_url=endpoint(),
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        answer = client.invoke(FunctionName=function, Payload=json.dumps(payload))
        document = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer or not isinstance(document, dict):
            raise MachineError(f"{function} failed: {json.dumps(document)[:500]}")
        return document

    return invoke
