"""moto's copy of our services: Application Auto Scaling (moto's too) only takes a target that it finds there."""

from __future__ import annotations

from typing import Any

from .service import Service


def put(service: Service) -> None:
    """Writes a service, new or changed, into moto's records."""
    services, cluster = _records(service)
    key = f"{cluster}:{service.name}"
    if key in services:
        services[key].desired_count = service.desired
        return
    from moto.ecs.models import ecs_backends

    backend = ecs_backends[service.account][service.region]
    backend.create_service(cluster, service.name, service.desired, service.primary.definition["taskDefinitionArn"])


def remove(service: Service) -> None:
    """Takes it out."""
    services, cluster = _records(service)
    services.pop(f"{cluster}:{service.name}", None)


def _records(service: Service) -> tuple[dict[str, Any], str]:
    from moto.ecs.models import ecs_backends

    return ecs_backends[service.account][service.region].services, service.cluster.rpartition("/")[2]
