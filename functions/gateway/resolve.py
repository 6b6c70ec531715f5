"""What does a name stand for right now? Read from the store on every call, so that what was deleted stops answering.

The variants that will answer are drawn here, once per stage, before anything is called; only their servables are read.
"""

import re
from collections.abc import Sequence

import msgspec

from functions.core.errors import NotFound, Unavailable
from functions.core.models import Application, Servable, Stage, Variant
from functions.core.routing import choose
from functions.core.signature import Signature
from functions.gateway.ports import Ports

NAME = re.compile(r"[A-Za-z0-9_.\-]{1,255}")


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """The servables that answer, one per stage, and the signature the caller sees.

    `application` is None when a servable was addressed; `version` names the variant of the last stage.
    """

    application: str | None
    signature: Signature
    servables: tuple[Servable, ...]
    version: str


def resolve_application(ports: Ports, name: str, version: str = "") -> Route:
    """The route through application `name`, its last stage pinned to model version `version` when one is given.

    Raises NotFound, and Unavailable when a servable of the application is gone.
    """
    application = find_application(ports, name)
    variants = [choose(stage.variants, ports.chance()) for stage in application.stages]
    if version:
        variants[-1] = _pinned(application, version, ports.chance())
    names = [variant.servable_name for variant in variants]
    found = ports.servables.get_many(names)
    if gone := [servable for servable in names if servable not in found]:
        raise Unavailable(f"servable {gone[0]} of application {name} was removed")
    servables = tuple(found[servable] for servable in names)
    return Route(
        application=name,
        signature=pinned_signature(application, servables[-1]) if version else application.signature,
        servables=servables,
        version=version_label(application.stages[-1], variants[-1]),
    )


def find_application(ports: Ports, name: str) -> Application:
    """Raises NotFound; a name that no application can have is not even looked up."""
    if not NAME.fullmatch(name):
        raise NotFound(f"there is no application {name[:100]!r}")
    return ports.applications.get(name)


def resolve_servable(ports: Ports, name: str) -> Route:
    """The route to one servable. Raises NotFound."""
    if not NAME.fullmatch(name):
        raise NotFound(f"there is no servable {name[:100]!r}")
    servable = ports.servables.get(name)
    return Route(
        application=None,
        signature=servable.signature,
        servables=(servable,),
        version=str(servable.model_version),
    )


def version_label(stage: Stage, variant: Variant) -> str:
    """The version's number; `model:number` where variants of several models stand side by side."""
    number = str(variant.model_version)
    several = len({other.model_name for other in stage.variants}) > 1
    return f"{variant.model_name}:{number}" if several else number


def variants_of(application: Application, version: str) -> Sequence[Variant]:
    """The variants of the last stage that `version` ("2" or "penguins:2") names. Raises NotFound for none."""
    last = application.stages[-1]
    named = [v for v in last.variants if version in (version_label(last, v), f"{v.model_name}:{v.model_version}")]
    if not named:
        known = ", ".join(sorted({version_label(last, variant) for variant in last.variants}))
        raise NotFound(f"application {application.name} has no version {version[:100]!r}; it has {known}")
    return named


def pinned_signature(application: Application, last: Servable) -> Signature:
    """What a caller of one version gives and gets: of a single stage, exactly what that version takes and gives."""
    first_inputs = last.signature.inputs if len(application.stages) == 1 else application.signature.inputs
    return Signature(last.signature.signature_name, first_inputs, last.signature.outputs)


def _pinned(application: Application, version: str, draw: float) -> Variant:
    named = variants_of(application, version)
    return choose(named, draw) if any(variant.weight for variant in named) else named[0]
