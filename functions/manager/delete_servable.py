"""Stops servables that nothing uses."""

from collections.abc import Iterable

from functions.core.models import Servable
from functions.manager.deploy_servable import OWNER
from functions.manager.find_uses import refuse_when_used, users_of_servable
from functions.manager.ports import Ports
from functions.manager.share_servable import METRICS, close, reopen
from functions.manager.stop_servable import stop_servable


def delete_servable(ports: Ports, name: str) -> Servable:
    """Raises NotFound, Conflict naming the applications and metric specs that use it."""
    servable = ports.servables.get(name)
    refuse_when_used(f"servable {name}", users_of_servable(ports, name))
    stop_servable(ports, name)
    return servable


def release_servables(ports: Ports, names: Iterable[str]) -> None:
    """Stops those that were made for an application or for metric specs and that nothing uses any more. What people
    made, people stop."""
    for name, servable in sorted(ports.servables.get_many(names).items()):
        if METRICS in servable.metadata:
            release_shared(ports, name)
        elif is_ours(servable) and not users_of_servable(ports, name):
            stop_servable(ports, name)


def is_ours(servable: Servable) -> bool:
    """Was it made for an application or for metric specs?"""
    return OWNER in servable.metadata or METRICS in servable.metadata


def release_shared(ports: Ports, name: str) -> None:
    token = close(ports, name)
    if users_of_servable(ports, name):
        reopen(ports, name, token)
    else:
        stop_servable(ports, name)
