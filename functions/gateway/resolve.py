"""What does a name stand for right now? Read from the store on every call, so that what was deleted stops answering.

Only the gRPC process remembers what it read, for a moment (memory.py). The variants that will answer are chosen here,
once per stage, before anything is called; only their servables are read. Those of weight 0 are named to the monitoring
and never called.
"""

import re

import msgspec

from functions.core.errors import NotFound, Unavailable
from functions.core.leaves import leaves
from functions.core.models import Application, Servable, Stage
from functions.core.signature import Signature
from functions.gateway.ports import CallOptions, Ports
from functions.gateway.select import Selection, select, version_label

NAME = re.compile(r"[A-Za-z0-9_.\-]{1,255}")
NO_OPTIONS = CallOptions(request_id="")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One stage: the servable that answers and those of the shadows; `inputs` names the stage's input tensors where
    there are shadows."""

    servable: Servable
    shadows: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """The way through an application, and the signature the caller sees.

    `application` and its id are None when a servable was addressed; `version` names the variant of the last stage.
    """

    application: str | None
    application_id: int | None = None
    signature: Signature
    steps: tuple[Step, ...]
    version: str


def resolve_application(ports: Ports, name: str, version: str = "", options: CallOptions = NO_OPTIONS) -> Route:
    """The route through application `name`, its last stage pinned to model version `version` when one is given.

    Raises NotFound, InvalidRequest (select.py), and Unavailable when a servable of the application is gone.
    """
    for _ in range(2):
        application = find_application(ports, name)
        selection = select(application, version, options, ports.chance)
        names = [variant.servable_name for variant in selection.variants]
        found = ports.memory.servables(names, ports.servables.get_many)
        gone = [servable for servable in names if servable not in found]
        if not gone:
            return _route(application, selection, [found[servable] for servable in names])
        # An update may have come between the two reads, or what was remembered is too old
        ports.memory.forget_application(name)
    raise Unavailable(f"servable {gone[0]} of application {name} was removed")


def find_application(ports: Ports, name: str) -> Application:
    """Raises NotFound; a name that no application can have is not even looked up."""
    if not NAME.fullmatch(name):
        raise NotFound(f"there is no application {name[:100]!r}")
    return ports.memory.application(name, ports.applications.get)


def resolve_servable(ports: Ports, name: str) -> Route:
    """The route to one servable. Raises NotFound."""
    if not NAME.fullmatch(name):
        raise NotFound(f"there is no servable {name[:100]!r}")
    servable = ports.servables.get(name)
    return Route(
        application=None,
        signature=servable.signature,
        steps=(Step(servable=servable),),
        version=str(servable.model_version),
    )


def pinned_signature(application: Application, last: Servable) -> Signature:
    """What a caller of one version gives and gets: of a single stage, exactly what that version takes and gives."""
    first_inputs = last.signature.inputs if len(application.stages) == 1 else application.signature.inputs
    return Signature(last.signature.signature_name, first_inputs, last.signature.outputs)


def _route(application: Application, selection: Selection, servables: list[Servable]) -> Route:
    steps = zip(application.stages, servables, strict=True)
    return Route(
        application=application.name,
        application_id=application.id,
        signature=pinned_signature(application, servables[-1]) if selection.named else application.signature,
        steps=tuple(_step(stage, servable) for stage, servable in steps),
        version=version_label(application.stages[-1], selection.variants[-1]),
    )


def _step(stage: Stage, servable: Servable) -> Step:
    shadows = tuple(v.servable_name for v in stage.variants if v.weight == 0 and v.servable_name != servable.name)
    inputs = tuple(leaf.name for leaf in leaves(stage.signature.inputs)) if shadows else ()
    return Step(servable=servable, shadows=shadows, inputs=inputs)
