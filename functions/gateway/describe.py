"""Applications as the Open Inference Protocol describes models: metadata, readiness, the repository's index."""

from functions.core.errors import Unavailable
from functions.core.inference import ModelDescription, ModelName, ModelState, Readiness
from functions.core.leaves import leaves
from functions.core.models import Application, ApplicationStatus, Servable
from functions.gateway.ports import Ports
from functions.gateway.resolve import find_application, pinned_signature
from functions.gateway.select import variants_of, version_label

PLATFORM = "dewpoint"
STATES = {
    ApplicationStatus.READY: "READY",
    ApplicationStatus.ASSEMBLING: "LOADING",
    ApplicationStatus.FAILED: "UNAVAILABLE",
}


def describe_model(ports: Ports, model: ModelName) -> ModelDescription:
    """Raises NotFound for an unknown application, or a version that is not behind it."""
    application = find_application(ports, model.name)
    signature = application.signature
    if model.version:
        signature = pinned_signature(application, _servable(ports, application, model.version))
    return ModelDescription(
        name=application.name,
        versions=_versions(application),
        platform=PLATFORM,
        inputs=leaves(signature.inputs),
        outputs=leaves(signature.outputs),
    )


def check_ready(ports: Ports, model: ModelName) -> Readiness:
    """Raises NotFound as `describe_model` does."""
    application = find_application(ports, model.name)
    if model.version:
        name = variants_of(application, model.version)[0].servable_name
        servable = ports.servables.get_many([name]).get(name)
        if servable is None:
            return Readiness(name=model.name, ready=False, reason=f"servable {name} was removed")
        ready = servable.is_up
        return Readiness(name=model.name, ready=ready, reason="" if ready else _why(servable.status, servable.message))
    ready = application.status is ApplicationStatus.READY
    return Readiness(
        name=model.name, ready=ready, reason="" if ready else _why(application.status, application.message)
    )


def list_models(ports: Ports, *, ready_only: bool = False) -> list[ModelState]:
    """One line per application and version, by name."""
    return [
        ModelState(name=application.name, version=version, state=STATES[application.status], reason=application.message)
        for application in sorted(ports.applications.list(), key=lambda application: application.name)
        if not ready_only or application.status is ApplicationStatus.READY
        for version in _versions(application)
    ]


def _versions(application: Application) -> tuple[str, ...]:
    last = application.stages[-1]
    return tuple(dict.fromkeys(version_label(last, variant) for variant in last.variants))


def _servable(ports: Ports, application: Application, version: str) -> Servable:
    name = variants_of(application, version)[0].servable_name
    servable = ports.servables.get_many([name]).get(name)
    if servable is None:
        raise Unavailable(f"servable {name} of application {application.name} was removed")
    return servable


def _why(status: str, message: str) -> str:
    return f"{status}: {message}" if message else str(status)
