"""A new application: its graph is checked, then what it needs is started; it is Assembling until all of that serves."""

from typing import Any

import msgspec

from functions.core.errors import Conflict, InvalidRequest, Problem
from functions.core.models import Application, ApplicationStatus
from functions.core.naming import APPLICATION, check_name
from functions.manager.deploy_graph import Deployment
from functions.manager.plan_graph import GraphRequest, plan_graph
from functions.manager.ports import Ports
from functions.manager.refresh_applications import refresh_application

FIRST = 1  # its first revision answers as soon as it can


class Shown(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What an answer about an application shows beside what can be asked for. It may come back as it is, and is worked
    out again."""

    id: Any = None
    namespace: Any = None
    status: Any = None
    message: Any = None
    signature: Any = None
    revision: Any = None
    created: Any = None
    candidate_graph: Any = None
    example: Any = None


class NewApplication(Shown, frozen=True, kw_only=True):
    name: str
    execution_graph: GraphRequest
    metadata: dict[str, str] = {}
    kafka_streaming: list[Any] = []


def create_application(ports: Ports, request: NewApplication) -> Application:
    """Raises InvalidRequest with everything that is wrong with the graph, Conflict for a taken name."""
    name = check_name(APPLICATION, request.name)
    refuse_streams(request.kafka_streaming)
    if ports.applications.find(name):
        raise Conflict(f"application {name} exists already")
    plan = plan_graph(ports, request.execution_graph)
    deployment = Deployment(ports, name)
    graph = deployment.realise(plan)
    application = Application(
        id=ports.applications.next_id(),
        name=name,
        status=ApplicationStatus.ASSEMBLING,
        stages=graph.stages,
        signature=graph.signature,
        metadata=request.metadata,
        answered=(FIRST,),
        created=ports.clock.now(),
    )
    try:
        ports.applications.create(application)
    except Exception:
        deployment.undo()
        raise
    # Its servables may have reported before there was an application to tell.
    return refresh_application(ports, name) or application


def refuse_streams(streams: list[Any]) -> None:
    """Raises InvalidRequest."""
    if streams:
        raise InvalidRequest.of([Problem("/kafkaStreaming", "no streams", f"{len(streams)} of them")])
