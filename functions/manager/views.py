"""The entities as the API shows them (docs/api.md): the reference system's field names."""

from collections.abc import Iterable
from typing import Any

import msgspec

from functions.core.deployments import DeploymentConfiguration
from functions.core.metric_specs import MetricSpec
from functions.core.models import (
    Application,
    ApplicationStatus,
    Image,
    ModelVersion,
    Servable,
    Stage,
    Variant,
)
from functions.core.revisions import Revision, state_of
from functions.core.scaling import Scaling
from functions.core.signature import Signature
from functions.manager.find_models import Model
from functions.manager.find_uses import variants

View = dict[str, Any]

NO_SIGNATURE = Signature("", (), ())  # of a version whose build has not found one
MONITORING = {"batchSize": 100}


def model_view(model: Model) -> View:
    return {"id": model[0].model_id, "name": model[0].name, "versions": [version.version for version in model]}


def version_view(version: ModelVersion, applications: Iterable[Application]) -> View:
    """`applications` are all there are: the view names those that use the version."""
    key = (version.name, version.version)
    external = version.is_external
    users = [a.name for a in applications if any((v.model_name, v.model_version) == key for v in variants(a))]
    return {
        "id": version.id,
        "model": {"id": version.model_id, "name": version.name},
        "modelVersion": version.version,
        "modelSignature": _plain(version.signature or NO_SIGNATURE),
        "runtime": None if external else _runtime(version),
        "image": None if external else _image(version.image),
        "status": version.status.value,
        "statusMessage": version.reason,
        "created": _plain(version.created),
        "finished": _plain(version.finished),
        "installCommand": version.install_command or None,
        "packageIndex": version.package_index or None,
        "container": _plain(version.container),
        "metadata": version.metadata,
        "monitoringConfiguration": MONITORING | version.monitoring,
        "keepVersions": version.keep_versions,
        "batching": _plain(version.batching),
        "isExternal": external,
        "applications": users,
    }


def _runtime(version: ModelVersion) -> View:
    return {"name": version.runtime, "tag": image_tag(version.runtime_image), "sha256": None}


def _image(image: Image) -> View:
    return {"name": image.name, "tag": image.tag, "sha256": image.sha256 or None}


def servable_view(servable: Servable, version: View | None, applications: Iterable[Application]) -> View:
    """`version` is the view of its version; None when that is gone."""
    return {
        "fullName": servable.name,
        "modelVersion": version,
        "modelVersionId": servable.model_version_id,
        "status": servable.status.value,
        "message": servable.message,
        "statusMessage": servable.message,
        "usedApps": [a.name for a in applications if servable.name in a.all_servables],
        "metadata": servable.metadata,
        "deploymentConfigurationName": servable.deployment_configuration_name,
        "replicas": {"desired": servable.desired, "healthy": servable.healthy},
        "created": _plain(servable.created),
    }


def application_view(application: Application) -> View:
    """While an update is on its way the application counts as Assembling, although the graph before it answers."""
    updating = application.candidate is not None
    said = [application.message, application.notice, "an update is starting; the graph before it answers" * updating]
    return {
        "id": application.id,
        "name": application.name,
        "status": (ApplicationStatus.ASSEMBLING if updating else application.status).value,
        "message": "; ".join(filter(None, said)),
        "signature": _plain(application.signature),
        "revision": application.revision,
        "created": _plain(application.created),
        "metadata": application.metadata,
        "kafkaStreaming": [],
        "executionGraph": _graph(application.stages),
        "candidateGraph": _graph(application.candidate.stages) if application.candidate else None,
    }


def revision_view(revision: Revision, application: Application) -> View:
    """The graph as it was deployed then: its servables may be gone."""
    return {
        "revision": revision.number,
        "status": state_of(revision.number, application).value,
        "created": _plain(revision.created),
        "rolledBackTo": revision.rolled_back_to,
        "metadata": revision.metadata,
        "executionGraph": _graph(revision.stages),
    }


def deployment_view(configuration: DeploymentConfiguration) -> View:
    """As it was asked for; `provisioned` is what each replica really gets: vCPU and MiB."""
    requests = {"requests": configuration.requests} if configuration.requests else {}
    view: View = {
        "name": configuration.name,
        "container": {
            "resources": {"limits": configuration.limits, **requests},
            "env": configuration.environment,
        },
        "deployment": {"replicaCount": configuration.replicas},
        "provisioned": _plain(configuration.resources),
    }
    if configuration.autoscaling:
        view["hpa"] = scaling_view(configuration.autoscaling)
    return view | ({"pod": configuration.placement} if configuration.placement else {})


def scaling_view(scaling: Scaling) -> View:
    """Complete; the idle time only where it means something."""
    view: View = _plain(scaling)
    return view if scaling.may_sleep else {name: value for name, value in view.items() if name != "idleSeconds"}


def metric_spec_view(spec: MetricSpec, servable: View | None) -> View:
    """`servable` is the view of the metric model's; None when that is gone. `healthy` says in words what operator and
    threshold mean."""
    return {
        "id": spec.id,
        "name": spec.name,
        "modelVersionId": spec.model_version_id,
        "model": spec.model,
        "config": {
            "modelVersionId": spec.metric_version_id,
            "monitoringModel": spec.metric_model,
            "threshold": spec.threshold,
            "thresholdCmpOperator": {"kind": spec.healthy.value},
            "deploymentConfigName": spec.deployment_configuration_name,
            "servable": servable,
        },
        "healthy": spec.condition,
        "revision": spec.revision,
        "created": _plain(spec.created),
    }


def image_tag(image: str) -> str:
    """The tag of an image's URI; empty when it has none."""
    _, colon, tag = image.rpartition("/")[2].partition(":")
    return tag if colon else ""


def _graph(stages: Iterable[Stage]) -> View:
    views = [
        {"modelVariants": [_variant(variant) for variant in stage.variants], "signature": _plain(stage.signature)}
        for stage in stages
    ]
    return {"stages": views}


def _variant(variant: Variant) -> View:
    view: View = _plain(variant)
    return view


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
