"""Entities for tests: sensible in everything a test does not care about."""

from datetime import UTC, datetime
from typing import Any

from functions.core.checks import Operator
from functions.core.deployments import DeploymentConfiguration
from functions.core.dtypes import DType
from functions.core.metric_specs import MetricSpec
from functions.core.models import (
    Application,
    ApplicationStatus,
    Image,
    ModelVersion,
    Servable,
    ServableStatus,
    Stage,
    Upload,
    Variant,
    VersionStatus,
)
from functions.core.signature import Field, Shape, Signature

START = datetime(2026, 1, 1, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
SIGNATURE = Signature(
    "predict",
    (Field("x", DType.DOUBLE, Shape((-1, 2))),),
    (Field("y", DType.INT64, Shape((-1,))),),
)


def upload(upload_id: str = "u1", **changes: Any) -> Upload:
    fields: dict[str, Any] = {
        "upload_id": upload_id,
        "name": "penguins",
        "runtime": "sklearn",
        "signature": SIGNATURE,
        "payload_key": f"uploads/{upload_id}/payload.tar.gz",
        "sha256": "0" * 64,
        "size": 10,
        "created": START,
    }
    return Upload(**fields | changes)


def version(number: int = 1, name: str = "penguins", **changes: Any) -> ModelVersion:
    fields: dict[str, Any] = {
        "id": number,
        "model_id": 1,
        "name": name,
        "version": number,
        "runtime": "sklearn",
        "runtime_image": "registry/runtimes:sklearn-1",
        "signature": SIGNATURE,
        "status": VersionStatus.RELEASED,
        "payload_key": f"models/{name}/{number}/payload.tar.gz",
        "payload_sha256": "0" * 64,
        "image": Image(name="registry/models", tag=f"{name}-{number}", sha256=DIGEST),
        "created": START,
    }
    return ModelVersion(**fields | changes)


def servable(name: str = "penguins-1-calm-heron", **changes: Any) -> Servable:
    fields: dict[str, Any] = {
        "name": name,
        "model_name": "penguins",
        "model_version": 1,
        "model_version_id": 1,
        "signature": SIGNATURE,
        "deployment_configuration_name": "default",
        "status": ServableStatus.STARTING,
        "created": START,
    }
    return Servable(**fields | changes)


def application(name: str = "penguins", *servables: str, **changes: Any) -> Application:
    variants = tuple(
        Variant(
            model_version_id=1,
            model_name="penguins",
            model_version=1,
            servable_name=servable,
            deployment_configuration_name="default",
            weight=100 // len(servables),
        )
        for servable in servables
    )
    fields: dict[str, Any] = {
        "id": 1,
        "name": name,
        "status": ApplicationStatus.ASSEMBLING,
        "stages": (Stage(variants=variants, signature=SIGNATURE),),
        "signature": SIGNATURE,
        "created": START,
    }
    return Application(**fields | changes)


def metric_spec(id: str = "m1", **changes: Any) -> MetricSpec:  # noqa: A002
    fields: dict[str, Any] = {
        "name": "far",
        "model_version_id": 1,
        "model": "penguins:1",
        "metric_version_id": 2,
        "metric_model": "distance:1",
        "threshold": 4.5,
        "healthy": Operator.LESS_EQ,
        "servable_name": "distance-1-calm-heron",
        "deployment_configuration_name": "default",
        "created": START,
    }
    return MetricSpec(id=id, **fields | changes)


def configuration(name: str = "small", **changes: Any) -> DeploymentConfiguration:
    return DeploymentConfiguration(name=name, **changes)
