"""Another graph for an application that keeps its name, its id and its traffic.

The new graph waits as the candidate while its servables start; refresh_applications.py makes the switch.
"""

import msgspec
from msgspec.structs import replace

from functions.core.errors import InvalidRequest, PreconditionFailed, Problem, Unavailable
from functions.core.models import Application, Graph
from functions.manager.delete_servable import release_servables
from functions.manager.deploy_graph import Deployment
from functions.manager.plan_graph import GraphRequest, plan_graph
from functions.manager.ports import Ports
from functions.manager.refresh_applications import ATTEMPTS, refresh_application


class ChangedApplication(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """No metadata: those there are stay."""

    execution_graph: GraphRequest
    name: str | None = None
    metadata: dict[str, str] | None = None


def update_application(
    ports: Ports, name: str, request: ChangedApplication, expected_revision: int | None = None
) -> Application:
    """Raises NotFound, InvalidRequest, and PreconditionFailed when the revision is not the expected one."""
    if request.name not in (None, name):
        raise InvalidRequest.of(
            [Problem("/name", f"{name}, or nothing: an application keeps its name", str(request.name))]
        )
    before = ports.applications.get(name)
    require_revision(before, expected_revision)
    plan = plan_graph(ports, request.execution_graph)
    deployment = Deployment(ports, name, ports.servables.get_many(before.all_servables).values())
    graph = deployment.realise(plan)
    try:
        replaced = put_candidate(ports, name, graph, request.metadata, expected_revision)
    except Exception:
        deployment.undo()
        raise
    release_servables(ports, set(replaced.all_servables) - set(graph.servables))
    return refresh_application(ports, name) or before


def require_revision(application: Application, expected: int | None) -> None:
    """Raises PreconditionFailed."""
    if expected not in (None, application.revision):
        raise PreconditionFailed(
            f"application {application.name} is at revision {application.revision}, not {expected}"
        )


def put_candidate(
    ports: Ports, name: str, graph: Graph, metadata: dict[str, str] | None, expected: int | None
) -> Application:
    """Writes the candidate; what the application was before. Raises NotFound, PreconditionFailed."""
    for _ in range(ATTEMPTS):
        current = ports.applications.get(name)
        require_revision(current, expected)
        unchanged = graph.stages == current.stages
        changed = replace(
            current,
            candidate=None if unchanged else graph,
            notice="",
            metadata=current.metadata if metadata is None else metadata,
            revision=current.revision + 1,
        )
        try:
            ports.applications.update(changed, current.revision)
        except PreconditionFailed:
            continue
        return current
    raise Unavailable(f"application {name} is being changed by too many at once")
