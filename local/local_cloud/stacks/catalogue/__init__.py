"""The types of this package, by area."""

from local_cloud.stacks.catalogue import (
    api,
    builds,
    cognito,
    containers,
    discovery,
    edge,
    events,
    http_api,
    load_balancing,
    network,
    observing,
    scaling,
)
from local_cloud.stacks.resource import ResourceType

AREAS = (
    api,
    builds,
    cognito,
    containers,
    discovery,
    edge,
    events,
    http_api,
    load_balancing,
    network,
    observing,
    scaling,
)

TYPES: dict[str, ResourceType] = {name: spec for area in AREAS for name, spec in area.TYPES.items()}
