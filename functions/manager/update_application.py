"""Another graph for an application that keeps its name, its id and its traffic.

The new graph waits as the candidate while its servables start; refresh_applications.py makes the switch.
"""

from typing import Any

import msgspec
from msgspec.structs import replace

from functions.core.errors import Conflict, InvalidRequest, NotFound, PreconditionFailed, Problem, Unavailable
from functions.core.models import Application, Graph
from functions.core.revisions import put_to_answer, recorded
from functions.manager.create_application import Shown, refuse_streams
from functions.manager.delete_servable import release_servables
from functions.manager.deploy_graph import Deployment
from functions.manager.plan_graph import GraphRequest, Plan, plan_graph
from functions.manager.ports import Ports
from functions.manager.refresh_applications import ATTEMPTS, refresh_application


class ChangedApplication(Shown, frozen=True, kw_only=True):
    """No metadata: those there are stay."""

    execution_graph: GraphRequest
    name: str | None = None
    metadata: dict[str, str] | None = None
    kafka_streaming: list[Any] = []


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What an application shall be. `expected`: only if that is its revision. `rolled_back_to`: as it was then."""

    metadata: dict[str, str] | None = None
    expected: int | None = None
    rolled_back_to: int | None = None


def update_application(
    ports: Ports, name: str, request: ChangedApplication, expected_revision: int | None = None
) -> Application:
    """Raises NotFound, InvalidRequest, PreconditionFailed when the revision is not the expected one, and Conflict."""
    if request.name not in (None, name):
        raise InvalidRequest.of(
            [Problem("/name", f"{name}, or nothing: an application keeps its name", str(request.name))]
        )
    refuse_streams(request.kafka_streaming)
    before = ports.applications.get(name)
    require_revision(before, expected_revision)
    plan = plan_graph(ports, request.execution_graph)
    return change_application(ports, before, plan, Wish(metadata=request.metadata, expected=expected_revision))


def change_application(ports: Ports, before: Application, plan: Plan, wish: Wish) -> Application:
    """Starts what `plan` needs beyond what there is, and lets it wait. Raises as `put_candidate` does."""
    name = before.name
    deployment = Deployment(ports, name, ports.servables.get_many(before.all_servables).values())
    graph = deployment.realise(plan)
    try:
        replaced = put_candidate(ports, before, graph, wish)
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


def put_candidate(ports: Ports, before: Application, graph: Graph, wish: Wish) -> Application:
    """Writes the candidate; what the application was when it was written. Raises NotFound, PreconditionFailed, and
    Conflict when somebody else's update has done away with servables that this one keeps."""
    name = before.name
    kept = set(before.all_servables) & set(graph.servables)
    for _ in range(ATTEMPTS):
        current = ports.applications.get(name)
        if current.id != before.id:
            raise NotFound(f"application {name} was deleted; the one of that name is another")
        require_revision(current, wish.expected)
        if kept - set(current.all_servables):
            raise Conflict(f"application {name} was changed by somebody else at the same moment; try again")
        try:
            write_change(ports, current, changed_by(current, graph, wish), wish)
        except PreconditionFailed:
            continue
        return current
    raise Unavailable(f"application {name} is being changed by too many at once")


def changed_by(current: Application, graph: Graph, wish: Wish) -> Application:
    """A graph that answers already waits for nothing: only metadata may be new then."""
    number = current.revision + 1
    unchanged = graph.stages == current.stages
    return replace(
        current,
        candidate=None if unchanged else replace(graph, revision=number),
        notice="",
        metadata=current.metadata if wish.metadata is None else wish.metadata,
        revision=number,
    )


def write_change(ports: Ports, current: Application, changed: Application, wish: Wish) -> None:
    """What says nothing new is not recorded. Raises NotFound, PreconditionFailed."""
    if changed.candidate is None:
        if changed.metadata == current.metadata:
            ports.applications.update(changed, current.revision)
            return
        changed = put_to_answer(changed, changed.revision)
    revision = recorded(changed, ports.clock.now(), wish.rolled_back_to)
    ports.applications.revise(changed, current.revision, revision)
