"""A model keeps its newest Released versions; older ones that nobody uses go when a new one is released.

The number travels with the version (`keepVersions`): the release of a version that has it applies it, so it changes
as a model changes, by a new version, and one without it removes nothing. A version that a servable or an application
uses stays however old it is, and goes at a later release once it is free. What only watches it goes with it.
"""

from aws_lambda_powertools import Logger

from functions.core.errors import Conflict, NotFound
from functions.core.models import ModelVersion, VersionStatus
from functions.manager.delete_metric_spec import delete_metric_spec
from functions.manager.delete_model import remove_version
from functions.manager.find_uses import called, users_of_version
from functions.manager.ports import Ports

log = Logger(service="manager", utc=True)


def retire_versions(ports: Ports, released: ModelVersion) -> list[ModelVersion]:
    """The versions that the release of `released` removed. Repeating it removes nothing more."""
    if released.keep_versions is None:
        return []
    retired = []
    for version in superseded(ports.models.list(released.name), released.keep_versions):
        watching = ports.specs.of_version(version.id)
        if set(users_of_version(ports, version.name, version.version)) - set(map(called, watching)):
            continue
        try:
            for spec in watching:
                delete_metric_spec(ports, spec.id)
            remove_version(ports, version)
        except (NotFound, Conflict):  # somebody else was faster, to delete it or to use it
            continue
        log.info("retired", model=version.full_name, keep_versions=released.keep_versions)
        retired.append(version)
    return retired


def superseded(versions: list[ModelVersion], keep: int) -> list[ModelVersion]:
    """The Released ones but the newest `keep`, oldest first."""
    released = [version for version in versions if version.status is VersionStatus.RELEASED]
    return sorted(released, key=lambda version: version.version)[:-keep]
