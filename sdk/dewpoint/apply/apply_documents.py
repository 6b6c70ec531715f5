"""The use case behind `dewpoint apply`: configurations, then models, then what uses both: metrics and applications."""

from collections.abc import Iterator, Sequence

from dewpoint.apply.apply_application import apply_application
from dewpoint.apply.apply_deployment import apply_deployment
from dewpoint.apply.apply_external_model import apply_external_model
from dewpoint.apply.apply_metric import apply_metric
from dewpoint.apply.apply_model import Begun, begin_model, finish_model
from dewpoint.apply.apply_training_data import apply_training_data, resolve_sources
from dewpoint.apply.outcome import Outcome
from dewpoint.client import Dewpoint
from dewpoint.documents.load import Documents
from dewpoint.documents.metric import MetricDocument
from dewpoint.documents.model import ModelDocument
from dewpoint.errors import DewpointError, InvalidPayload
from dewpoint.models import ModelSpec, parse_reference
from dewpoint.payload import collect
from dewpoint.provenance import provenance
from dewpoint.waiting import BUILD_TIMEOUT, Patience, Watcher


def apply_documents(
    client: Dewpoint, documents: Documents, watcher: Watcher, *, patience: Patience | None, author: bool = False
) -> Iterator[Outcome]:
    """One outcome per document, metric and file of training data, as it comes about. `patience` None does not wait for
    builds, profiles and deployments, except for a build that an application, a metric or training data need. `author`
    adds who made the commit.

    Raises InvalidPayload before anything is sent; Ended, TimedOut, Unreachable, Refused.
    """
    specs = [prepare(document, author=author) for document in documents.models]
    data = [resolve_sources(document.name, document.folder, document.training_data) for document in documents.models]
    external_data = [
        resolve_sources(external.spec.name, external.folder, external.training_data)
        for external in documents.external_models
    ]
    for deployment in documents.deployments:
        yield apply_deployment(client, deployment)
    watched: list[tuple[str, Sequence[MetricDocument]]] = []
    for external, sources in zip(documents.external_models, external_data, strict=True):
        outcome = apply_external_model(client, external.spec)
        watched.append((outcome.name, external.metrics))
        yield outcome
        yield from apply_training_data(client, outcome.name, sources, watcher, patience)
    needed = models_needed(documents) | {spec.name for spec, sources in zip(specs, data, strict=True) if sources}
    begun: list[Begun] = []
    try:
        begun.extend(begin_model(client, spec, watcher) for spec in specs)
        for document, spec, sources in zip(documents.models, specs, data, strict=True):
            must_wait = Patience(BUILD_TIMEOUT) if spec.name in needed else None
            outcome = finish_model(client, begun.pop(0), watcher, patience or must_wait)
            watched.append((outcome.name, document.metrics))
            yield outcome
            yield from apply_training_data(client, outcome.name, sources, watcher, patience)
    except DewpointError:
        yield from (each.outcome() for each in begun)  # what else is being built goes on, and is shown
        raise
    for version, metrics in watched:
        for metric in metrics:
            yield apply_metric(client, version, metric, watcher, patience)
    for application in documents.applications:
        yield apply_application(client, application, watcher, patience)


def prepare(document: ModelDocument, *, author: bool = False) -> ModelSpec:
    """The model version to be. Raises InvalidPayload, naming the model and every fault."""
    try:
        payload = collect(document.folder, document.payload)
    except InvalidPayload as error:
        faults = str(error).splitlines()
        raise InvalidPayload("\n".join(f"model {document.name}: payload {fault}" for fault in faults)) from error
    return document.to_spec(payload, provenance(document.folder, author=author))


def models_needed(documents: Documents) -> set[str]:
    """Names of the models that applications and metrics refer to, and of those that metrics watch."""
    served = [
        variant.model for application in documents.applications for stage in application.stages for variant in stage
    ]
    watched = {document.name for document in documents.models if document.metrics}
    metrics = [each.metrics for each in documents.models] + [each.metrics for each in documents.external_models]
    measuring = [metric.model for of_one in metrics for metric in of_one]
    return watched | {parse_reference(model)[0] for model in served + measuring}
