"""What runs once when LocalStack starts: the parts for which it has no plugin interface are put in place.

Every replacement is of an internal of the pinned version; a new version must be checked against `local/tests/host`.
"""

from localstack.runtime import hooks


@hooks.on_infra_start()
def install() -> None:
    """Before any service is loaded."""
    from local_cloud.faults import switch
    from local_cloud.functions import telemetry
    from local_cloud.gateway import rest_api
    from local_cloud.hooks import catalogue, log_patterns
    from local_cloud.stacks import resource_types

    catalogue.install()
    log_patterns.install()
    telemetry.install()
    rest_api.install()
    resource_types.install()
    switch.install()
