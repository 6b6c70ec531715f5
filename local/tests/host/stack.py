"""A stack under test, and how a template is written."""

import json
import time
import uuid
from typing import Any

from .conftest import Cloud

Template = dict[str, Any]


class Stack:
    """A stack as the CDK CLI deploys it: by change sets."""

    def __init__(self, cloud: Cloud) -> None:
        self._client = cloud.client("cloudformation")
        self.name = f"stack-{uuid.uuid4().hex[:8]}"

    def deploy(self, resources: Template, **outputs: Any) -> dict[str, str]:
        """Create or update; returns the outputs. Raises AssertionError with the reasons."""
        template = {"Resources": resources, "Outputs": {name: {"Value": value} for name, value in outputs.items()}}
        kind = "UPDATE" if self.status() else "CREATE"
        change = f"change-{uuid.uuid4().hex[:8]}"
        self._client.create_change_set(
            StackName=self.name,
            ChangeSetName=change,
            ChangeSetType=kind,
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        )
        made = self._settled(lambda: self._client.describe_change_set(StackName=self.name, ChangeSetName=change))
        assert made["Status"] == "CREATE_COMPLETE", made.get("StatusReason")
        self._client.execute_change_set(StackName=self.name, ChangeSetName=change)
        stack = self._settled(self._describe)
        assert stack["StackStatus"] == f"{kind}_COMPLETE", self.reasons()
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def status(self) -> str | None:
        try:
            return str(self._describe()["StackStatus"])
        except self._client.exceptions.ClientError:
            return None

    def delete(self) -> None:
        identifier = self._describe()["StackId"]
        self._client.delete_stack(StackName=self.name)
        gone = self._settled(lambda: self._client.describe_stacks(StackName=identifier)["Stacks"][0])
        assert gone["StackStatus"] == "DELETE_COMPLETE", self.reasons(identifier)
        assert not self.reasons(identifier, "DELETE_FAILED")

    def reasons(self, identifier: str | None = None, status: str = "_FAILED") -> list[str]:
        events = self._client.describe_stack_events(StackName=identifier or self.name)["StackEvents"]
        return [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
            for event in events
            if event["ResourceStatus"].endswith(status)
        ]

    def ids(self) -> dict[str, str]:
        found = self._client.describe_stack_resources(StackName=self.name)["StackResources"]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}

    def _describe(self) -> dict[str, Any]:
        return dict(self._client.describe_stacks(StackName=self.name)["Stacks"][0])

    @staticmethod
    def _settled(describe: Any) -> dict[str, Any]:
        deadline = time.monotonic() + 120
        while True:
            found = dict(describe())
            status = found.get("StackStatus") or found["Status"]
            if not status.endswith(("_PROGRESS", "_PENDING")):
                return found
            assert time.monotonic() < deadline, f"still {status}"
            time.sleep(0.2)


def resource(kind: str, /, **properties: Any) -> Template:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def ref(name: str) -> Template:
    return {"Ref": name}


def att(name: str, attribute: str) -> Template:
    return {"Fn::GetAtt": [name, attribute]}
