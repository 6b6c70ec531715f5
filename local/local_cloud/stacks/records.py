"""What a stack says of itself is complete when its status says that it is done.

The engine sets the status first and the outputs after, and forgets a resource that was replaced when the old one is
deleted, for both have the same logical id.
"""

from typing import Any


def install() -> None:
    """Complete the records before the engine's caller sets the final status."""
    from localstack.services.cloudformation.engine.v2.change_set_model_executor import ChangeSetModelExecutor

    execute = ChangeSetModelExecutor.execute

    def execute_and_record(self: Any) -> Any:
        result = execute(self)
        stack = self._change_set.stack
        if not result.failure_message:
            stack.resolved_outputs = result.outputs
            for name in forgotten(stack.resource_states, result.resources):
                record_replacement(stack, name, result.resources[name])
        return result

    ChangeSetModelExecutor.execute = execute_and_record


def forgotten(states: dict[str, Any], resources: dict[str, Any]) -> list[str]:
    """The resources that exist and have no record."""
    existing = [name for name, resource in resources.items() if resource.get("PhysicalResourceId")]
    return [name for name in existing if name not in states]


def record_replacement(stack: Any, name: str, resource: Any) -> None:
    """Record the new resource as what it is."""
    from localstack.aws.api.cloudformation import ResourceStatus

    stack.set_resource_status(
        logical_resource_id=name,
        physical_resource_id=resource["PhysicalResourceId"],
        resource_type=resource["Type"],
        status=ResourceStatus.UPDATE_COMPLETE,
    )
