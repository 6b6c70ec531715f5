"""Tells LocalStack's CloudFormation engine about the types of this package, and makes it refuse the others at once."""
# ruff: noqa: SLF001 - reaches into the engine of the pinned version, which has no interface for this

from typing import Any

from local_cloud.stacks.catalogue import TYPES
from local_cloud.stacks.custom_resource import CustomResource
from local_cloud.stacks.provider import provider_for

CUSTOM = ("AWS::CloudFormation::CustomResource", "Custom::")


def install() -> None:
    """Replace the engine's lookup of resource providers and its check of supported types."""
    from local_cloud.stacks import amended, pseudo_parameters, records, replacement, rollback
    from localstack.services.cloudformation.engine import quirks
    from localstack.services.cloudformation.engine.v2 import change_set_resource_support_checker as checker
    from localstack.services.cloudformation.resource_provider import ResourceProviderExecutor
    from localstack.utils.catalog.common import CloudFormationResourcesSupportAtRuntime as Support

    for name in TYPES:
        quirks.PHYSICAL_RESOURCE_ID_SPECIAL_CASES.pop(name, None)
    community = ResourceProviderExecutor.try_load_resource_provider
    ours = {name: provider_for(name, spec) for name, spec in TYPES.items()}

    def load(resource_type: str) -> Any:
        if resource_type in ours:
            return ours[resource_type]()
        if resource_type and resource_type.startswith(CUSTOM):
            return CustomResource()
        return amended.with_updates(community(resource_type), resource_type)

    def support(_checker: Any, resource_type: str) -> Support:
        return Support.AVAILABLE if load(resource_type) else Support.NOT_IMPLEMENTED

    ResourceProviderExecutor.try_load_resource_provider = staticmethod(load)
    checker.ChangeSetResourceSupportChecker._resource_support_status = support
    pseudo_parameters.install()
    records.install()
    rollback.install()
    replacement.install()
