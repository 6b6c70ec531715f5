"""An application's state follows from its servables', whatever the order in which they change.

An update waits as the candidate until all its servables serve, and is then the graph that answers; when one of them
fails it is dropped, and the graph before it goes on. An application that has failed has nothing to lose and takes the
candidate at once.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from functions.core.errors import NotFound, PreconditionFailed, Unavailable
from functions.core.models import Application, ApplicationStatus, Servable, application_status
from functions.core.revisions import put_to_answer
from functions.manager.delete_servable import release_servables
from functions.manager.ports import Ports

ATTEMPTS = 20


def refresh_applications(ports: Ports, servable: str) -> None:
    """Brings the applications that use `servable` up to date."""
    for application in ports.applications.list():
        if servable in application.all_servables:
            refresh_application(ports, application.name)


def refresh_application(ports: Ports, name: str) -> Application | None:
    """The application as its servables make it; None when it is gone. Repeating it changes nothing."""
    for _ in range(ATTEMPTS):
        application = ports.applications.find(name)
        if application is None:
            return None
        # Read after the application: whoever changes a servable later will find this revision and write after us.
        servables = ports.servables.get_many(application.all_servables)
        settled = settle(application, servables)
        if settled == application:
            return application
        try:
            ports.applications.update(settled, application.revision)
        except PreconditionFailed:
            continue
        except NotFound:
            return None
        release_servables(ports, set(application.all_servables) - set(settled.all_servables))
        return settled
    raise Unavailable(f"application {name} is being changed by too many at once")


def settle(application: Application, servables: Mapping[str, Servable]) -> Application:
    """`application` as its servables make it, with the next revision when that is a change."""
    settled = _with_status(_with_candidate(application, servables), servables)
    return settled if settled == application else replace(settled, revision=application.revision + 1)


def _with_candidate(application: Application, servables: Mapping[str, Servable]) -> Application:
    candidate = application.candidate
    if candidate is None:
        return application
    status, reason = _status(candidate.servables, servables)
    active, _ = _status(application.servables, servables)
    if status is ApplicationStatus.READY or active is ApplicationStatus.FAILED:
        taken = put_to_answer(application, candidate.revision)
        return replace(taken, stages=candidate.stages, signature=candidate.signature, candidate=None, notice="")
    if status is ApplicationStatus.FAILED:
        return replace(application, candidate=None, notice=f"the last update failed and was dropped: {reason}")
    return application


def _with_status(application: Application, servables: Mapping[str, Servable]) -> Application:
    status, message = _status(application.servables, servables)
    return replace(application, status=status, message=message)


def _status(names: tuple[str, ...], servables: Mapping[str, Servable]) -> tuple[ApplicationStatus, str]:
    return application_status([servables.get(name) for name in names])
