"""An application as it was at an earlier revision: an update like any other, whose graph nobody has to send again.

Servables that the revision named and that people stopped meanwhile are made anew, from the same versions.
"""

import msgspec

from functions.core.errors import Conflict, InvalidRequest, NotFound
from functions.core.models import Application, Variant
from functions.core.revisions import Revision, previous
from functions.manager.deploy_servable import OWNER
from functions.manager.plan_graph import GraphRequest, Plan, StageRequest, VariantRequest, plan_graph
from functions.manager.ports import Ports
from functions.manager.update_application import Wish, change_application, require_revision


class Rollback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No revision: the one before, or, during an update, the one that still answers."""

    revision: int | None = None


def rollback_application(
    ports: Ports, name: str, request: Rollback, expected_revision: int | None = None
) -> Application:
    """Raises NotFound for a revision that is not kept, PreconditionFailed, and Conflict when there is no earlier one
    or what the revision needs is gone."""
    application = ports.applications.get(name)
    require_revision(application, expected_revision)
    revision = find_revision(ports, application, request.revision)
    wish = Wish(metadata=revision.metadata, expected=expected_revision, rolled_back_to=revision.number)
    return change_application(ports, application, plan_again(ports, application, revision), wish)


def find_revision(ports: Ports, application: Application, number: int | None) -> Revision:
    """Raises NotFound, Conflict."""
    wanted = previous(application) if number is None else number
    if wanted is None:
        raise Conflict(f"application {application.name} has no revision before the one that answers")
    kept = {revision.number: revision for revision in ports.applications.revisions(application.id)}
    if wanted not in kept:
        known = ", ".join(map(str, kept))
        raise NotFound(f"there is no revision {wanted} of application {application.name}; there are {known}")
    return kept[wanted]


def plan_again(ports: Ports, application: Application, revision: Revision) -> Plan:
    """Raises Conflict naming everything that is not there any more."""
    variants = [variant for stage in revision.stages for variant in stage.variants]
    servables = ports.servables.get_many(variant.servable_name for variant in variants)
    foreign = {name for name, servable in servables.items() if servable.metadata.get(OWNER) != application.name}
    stages = [
        StageRequest([_asked(variant, named=variant.servable_name in foreign) for variant in stage.variants])
        for stage in revision.stages
    ]
    try:
        return plan_graph(ports, GraphRequest(stages))
    except InvalidRequest as error:
        gone = "; ".join(problem.received for problem in error.problems)
        said = f"revision {revision.number} of application {application.name} cannot come back: {gone}"
        raise Conflict(said, error.problems) from None


def _asked(variant: Variant, *, named: bool) -> VariantRequest:
    """A version is asked for by name and number, which are never given twice."""
    return VariantRequest(
        model_name=variant.model_name,
        model_version=variant.model_version,
        servable_name=variant.servable_name if named else None,
        deployment_configuration_name=variant.deployment_configuration_name,
        weight=variant.weight,
    )
