"""What the platform is sent, where a handler checks values itself and its own type says less than is known."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from functions.access.create_key import FASTEST, LARGEST_BURST, SLOWEST
from functions.core.alerts import AlertRules
from functions.core.api_keys import Role
from functions.core.monitoring import BOUNDS
from functions.core.naming import APPLICATION, METRIC, MODEL, PACKAGE_INDEX
from functions.core.signature import Signature

ModelName = Annotated[str, Meta(pattern=f"^{MODEL.pattern}$")]
KeyName = Annotated[str, Meta(pattern=f"^{APPLICATION.pattern}$")]


class UploadedPayload(msgspec.Struct, forbid_unknown_fields=True):
    """SHA-256 in hexadecimal, and the size in bytes."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Meta(ge=1)]


class NewContainer(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Of the runtime `custom`: its health check begins with CMD or CMD-SHELL, or is a shell's command."""

    health_check: Annotated[list[str], Meta(min_length=2)] | Annotated[str, Meta(min_length=1)]
    model_name: str = ""
    model_version: str = ""


class NewBatching(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """For a signature whose shapes all begin with -1: calls that arrive while the model is busy become one."""

    max_batch_size: Annotated[int, Meta(ge=2, le=4096)] = 32
    max_latency_ms: Annotated[float, Meta(ge=0, le=1000)] = 0


class MonitoringConfiguration(msgspec.Struct, kw_only=True, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Rows of a batch; days for which the request log is kept; what is an alert."""

    batch_size: Annotated[int, Meta(ge=BOUNDS["batchSize"][0], le=BOUNDS["batchSize"][1])] | None = None
    log_days: Annotated[int, Meta(ge=BOUNDS["logDays"][0], le=BOUNDS["logDays"][1])] | None = None
    alerts: AlertRules | None = None


class NewUpload(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Without a signature the build reads it from the payload."""

    name: ModelName
    runtime: str | dict[str, Any]
    model_signature: Signature | None = None
    payload: UploadedPayload
    install_command: str | None = None
    package_index: Annotated[str, Meta(pattern=f"^{PACKAGE_INDEX.pattern}$")] | None = None
    container: NewContainer | None = None
    metadata: dict[str, str] = {}
    monitoring_configuration: MonitoringConfiguration = MonitoringConfiguration()
    keep_versions: Annotated[int, Meta(ge=1)] | None = None
    batching: NewBatching | None = None


class ReceivedModel(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """As a NewUpload, without its payload."""

    name: ModelName
    runtime: str | dict[str, Any]
    model_signature: Signature | None = None
    install_command: str | None = None
    metadata: dict[str, str] = {}
    monitoring_configuration: MonitoringConfiguration = MonitoringConfiguration()
    keep_versions: Annotated[int, Meta(ge=1)] | None = None


class UploadForm(msgspec.Struct, forbid_unknown_fields=True):
    """A small model in one request."""

    payload: Annotated[str, Meta(extra_json_schema={"format": "binary"})]
    metadata: ReceivedModel


class NewExternalModel(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One of `modelSignature` and `signature`, which mean the same, must be there."""

    name: ModelName
    model_signature: Signature | None = None
    signature: Signature | None = None
    metadata: dict[str, str] = {}
    monitoring_configuration: MonitoringConfiguration = MonitoringConfiguration()


class ThresholdOperator(msgspec.Struct):
    kind: str


class MetricConfig(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """`model_version_id` is the metric model. One of the two operators must be there: a word such as `LessEq`, or a
    symbol such as `<=`; a request is healthy when the metric's value stands in that relation to `threshold`."""

    model_version_id: Annotated[int, Meta(ge=1)]
    threshold: float
    threshold_cmp_operator: ThresholdOperator | str | None = None
    operator: ThresholdOperator | str | None = None
    deployment_config_name: str | None = None
    deployment_configuration_name: str | None = None


class NewMetricSpec(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """`model_version_id` is the watched version."""

    name: Annotated[str, Meta(pattern=f"^{METRIC.pattern}$")]
    model_version_id: Annotated[int, Meta(ge=1)]
    config: MetricConfig


class ChangedMetricSpec(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Name and watched version stay; they may be said again."""

    name: str | None = None
    model_version_id: int | None = None
    config: MetricConfig


class NewQuota(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Without `burst`: what a second brings."""

    requests_per_second: Annotated[float, Meta(ge=SLOWEST, le=FASTEST)]
    burst: Annotated[int, Meta(ge=1, le=LARGEST_BURST)] | msgspec.UnsetType = msgspec.UNSET


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    name: KeyName
    role: Role
    quota: NewQuota | None = None
