"""A resource is replaced only when a create-only property has really changed.

The engine decides that before anything is resolved: a reference to a resource that is being modified counts as a
change, so an update of a bucket would replace its policy and then delete the new one along with the old.
"""
# ruff: noqa: SLF001 - reaches into the engine of the pinned version, which has no interface for this

from typing import Any

from local_cloud.stacks.resource import lookup


def really_changed(create_only: list[str], before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether a create-only property (`/properties/Name`) has another value than before."""
    paths = [pointer.removeprefix("/properties/").replace("/", ".") for pointer in create_only]
    return any(lookup(before, path) != lookup(after, path) for path in paths)


def install() -> None:
    """Look again, with resolved values, before the engine's executor acts."""
    from localstack.services.cloudformation.engine.v2.change_set_model import is_nothing
    from localstack.services.cloudformation.engine.v2.change_set_model_executor import ChangeSetModelExecutor

    execute = ChangeSetModelExecutor._execute_resource_change

    def look_again(self: Any, name: str, before: Any, after: Any) -> None:
        changed = not is_nothing(before) and not is_nothing(after) and before.resource_type == after.resource_type
        if changed and after.requires_replacement:
            provider = self.resource_provider_executor.try_load_resource_provider(after.resource_type)
            create_only = provider.SCHEMA.get("createOnlyProperties", [])
            after.requires_replacement = really_changed(
                create_only, before.properties.properties, after.properties.properties
            )
        execute(self, name, before, after)

    ChangeSetModelExecutor._execute_resource_change = look_again
