"""A creation that fails is undone: the engine reports ROLLBACK_COMPLETE but would leave behind what it had made.

What the failed change added is deleted, last first, before the stack's final status shows. What it updated stays
updated; what it was about to remove stays.
"""
# ruff: noqa: SLF001 - reaches into the engine of the pinned version, which has no interface for this

from collections.abc import Mapping
from typing import Any

from local_cloud.stacks.provider import PHYSICAL_ID


def install() -> None:
    """Extend the engine's executor."""
    from localstack.services.cloudformation.engine.v2.change_set_model_executor import ChangeSetModelExecutor

    process = ChangeSetModelExecutor.process

    def process_or_undo(self: Any) -> None:
        try:
            process(self)
        except Exception:
            self._deferred_actions.clear()
            for name in added(self):
                self._defer_action(f"undo-{name}", lambda name=name: undo(self, name))
            raise

    ChangeSetModelExecutor.process = process_or_undo


def added(executor: Any) -> list[str]:
    """The logical ids of what this change created, in the order of their creation; also what never came to work."""
    before = executor._before_resolved_resources
    return [name for name, resource in executor.resources.items() if name not in before and exists(resource)]


def exists(resource: Mapping[str, Any]) -> bool:
    """Whether a creation left something behind."""
    failed_half_way = PHYSICAL_ID in (resource.get("Properties") or {})
    return resource.get("ResourceStatus") == "CREATE_COMPLETE" or failed_half_way


def undo(executor: Any, name: str) -> None:
    """Delete one resource and say so in the stack's events."""
    from localstack.aws.api.cloudformation import ChangeAction
    from localstack.services.cloudformation.engine.v2.change_set_model_preproc import PreprocProperties
    from localstack.services.cloudformation.resource_provider import OperationStatus

    resource = executor.resources[name]
    event = {"action": ChangeAction.Remove, "logical_resource_id": name, "resource_type": resource["Type"]}
    executor._process_event(**event, event_status=OperationStatus.IN_PROGRESS)
    outcome = executor._execute_resource_action(
        action=ChangeAction.Remove,
        logical_resource_id=name,
        resource_type=resource["Type"],
        before_properties=PreprocProperties(properties=resource["Properties"]),
        after_properties=None,
        part_of_replacement=True,  # leaves the executor's own record alone
    )
    executor._process_event(**event, event_status=outcome.status, reason=outcome.message or None)
    del executor.resources[name]
