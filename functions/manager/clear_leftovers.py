"""Every quarter of an hour: what somebody left half done who died in the middle of it.

Servables that were made for an application or for metrics and that none came to name, or whose user was deleted and
who were not stopped; versions whose build has ended without our hearing of it, or has never begun. All of it is seen
in the records, and old enough that nobody can be at work on it any more.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from aws_lambda_powertools import Logger

from functions.core.models import ModelVersion, Servable, VersionStatus
from functions.manager.delete_servable import is_ours, release_servables
from functions.manager.finish_build import fail, finish_build
from functions.manager.ports import Ports

log = Logger(service="manager", utc=True)

LEFT_AFTER = timedelta(minutes=15)  # a function lives 29 seconds, and comes again when its queue says so
NEVER_BEGAN = timedelta(hours=3)  # queueing and building take two and a half at most
REASON = "the build never began: upload the model again"


def clear_leftovers(ports: Ports) -> None:
    """Raises nothing about a single servable or version."""
    for name, repair in (*_servables(ports), *_versions(ports)):
        try:
            repair()
        except Exception:
            log.exception("what was left cannot be cleared", subject=name)


def _servables(ports: Ports) -> Iterator[tuple[str, Callable[[], object]]]:
    latest = ports.clock.now() - LEFT_AFTER
    old = [servable for servable in ports.servables.list() if is_ours(servable) and servable.created < latest]
    used = _used(ports) if old else set()
    for servable in old:
        if servable.name not in used:
            yield servable.name, partial(_release, ports, servable)


def _used(ports: Ports) -> set[str]:
    named = {name for application in ports.applications.list() for name in application.all_servables}
    return named | {spec.servable_name for spec in ports.specs.list()}


def _release(ports: Ports, servable: Servable) -> None:
    log.warning("a servable was left behind", servable=servable.name, metadata=servable.metadata)
    release_servables(ports, [servable.name])


def _versions(ports: Ports) -> Iterator[tuple[str, Callable[[], object]]]:
    now = ports.clock.now()
    for version in ports.models.list():
        if version.status is not VersionStatus.ASSEMBLING:
            continue
        if version.build_id:
            yield version.full_name, partial(finish_build, ports, version.build_id)
        elif version.created < now - NEVER_BEGAN:
            yield version.full_name, partial(_give_up, ports, version)


def _give_up(ports: Ports, version: ModelVersion) -> None:
    log.warning("a build never began", model=version.full_name)
    ports.models.update(fail(version, REASON, ports.clock.now()), VersionStatus.ASSEMBLING)
