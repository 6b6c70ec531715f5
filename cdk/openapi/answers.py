"""What the platform answers, as types. The views build builtins; tests hold them against these."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from functions.core.api_keys import Quota, Role
from functions.core.batching import Batching
from functions.core.checks import Operator
from functions.core.models import ApplicationStatus, ServableStatus, VersionStatus
from functions.core.revisions import RevisionState
from functions.core.signature import Signature


class Answered(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """camelCase, as the reference system's answers are."""


class Model(Answered, frozen=True, kw_only=True):
    id: int
    name: str
    versions: list[int]


class ModelReference(Answered, frozen=True, kw_only=True):
    id: int
    name: str


class ImageReference(Answered, frozen=True, kw_only=True):
    name: str
    tag: str
    sha256: str | None


class CustomContainer(Answered, frozen=True, kw_only=True):
    """Of the runtime `custom`: how its image shows its health, and what its server calls the model."""

    health_check: list[str]
    model_name: str
    model_version: str


class ModelVersion(Answered, frozen=True, kw_only=True):
    """An external version has no `runtime` and no `image`; the signature of a version that waits for its build to find
    one has no fields."""

    id: int
    model: ModelReference
    model_version: int
    model_signature: Signature
    runtime: ImageReference | None
    image: ImageReference | None
    status: VersionStatus
    status_message: str
    created: datetime
    finished: datetime | None
    install_command: str | None
    package_index: str | None
    container: CustomContainer | None
    metadata: dict[str, str]
    monitoring_configuration: dict[str, Any]
    keep_versions: int | None
    batching: Batching | None
    is_external: bool
    applications: list[str]


class Announcement(Answered, frozen=True, kw_only=True):
    """Where a payload goes: send it with `method` and exactly these `headers`."""

    upload_id: str
    url: str
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: datetime


class LogPage(Answered, frozen=True, kw_only=True):
    """`next` is the token to come back with; `ended`: nothing will follow."""

    lines: list[str]
    next: str | None
    ended: bool


class Replicas(Answered, frozen=True, kw_only=True):
    desired: int
    healthy: int


class Servable(Answered, frozen=True, kw_only=True):
    full_name: str
    model_version: ModelVersion | None
    model_version_id: int
    status: ServableStatus
    message: str
    status_message: str
    used_apps: list[str]
    metadata: dict[str, str]
    deployment_configuration_name: str
    replicas: Replicas
    created: datetime


class Variant(Answered, frozen=True, kw_only=True):
    model_version_id: int
    model_name: str
    model_version: int
    servable_name: str
    deployment_configuration_name: str
    weight: int


class Stage(Answered, frozen=True, kw_only=True):
    model_variants: list[Variant]
    signature: Signature


class ExecutionGraph(Answered, frozen=True, kw_only=True):
    stages: list[Stage]


class Example(Answered, frozen=True, kw_only=True):
    """Inputs that fit the signature, and calls with them, ready to paste."""

    inputs: dict[str, Any] | None
    curl: str
    python: str
    httpx: str | None
    grpcurl: str | None


class Application(Answered, frozen=True, kw_only=True):
    """`example` stands in the view of one application, not in lists or events."""

    id: int
    name: str
    status: ApplicationStatus
    message: str
    signature: Signature
    revision: int
    created: datetime
    metadata: dict[str, str]
    kafka_streaming: list[Any]
    execution_graph: ExecutionGraph
    candidate_graph: ExecutionGraph | None
    example: Example | None = None


class Revision(Answered, frozen=True, kw_only=True):
    """What an application was asked to be. The servables are those of then."""

    revision: int
    status: RevisionState
    created: datetime
    rolled_back_to: int | None
    metadata: dict[str, str]
    execution_graph: ExecutionGraph


class Provisioned(Answered, frozen=True, kw_only=True):
    """What each replica gets: vCPU and MiB."""

    cpu: float
    memory: int


class ContainerSizes(Answered, frozen=True, kw_only=True):
    limits: dict[str, str]
    requests: dict[str, str] | None = None


class ContainerView(Answered, frozen=True, kw_only=True):
    resources: ContainerSizes
    env: dict[str, str]


class DeploymentView(Answered, frozen=True, kw_only=True):
    replica_count: int


class ScalingView(Answered, frozen=True, kw_only=True):
    """`idle_seconds` is there with `min_replicas` 0."""

    min_replicas: int
    max_replicas: int
    cpu_utilization: int
    idle_seconds: int | None = None


class DeploymentConfiguration(Answered, frozen=True, kw_only=True):
    name: str
    container: ContainerView
    deployment: DeploymentView
    provisioned: Provisioned
    hpa: ScalingView | None = None
    pod: dict[str, Any] | None = None


class ThresholdOperator(Answered, frozen=True, kw_only=True):
    kind: Operator


class MetricConfig(Answered, frozen=True, kw_only=True):
    """`model_version_id` and `monitoring_model` are the metric model, which runs as `servable`."""

    model_version_id: int
    monitoring_model: str
    threshold: float
    threshold_cmp_operator: ThresholdOperator
    deployment_config_name: str
    servable: Servable | None


class MetricSpec(Answered, frozen=True, kw_only=True):
    """`model_version_id` and `model` are the watched version; `healthy` says in words when a request is."""

    id: str
    name: str
    model_version_id: int
    model: str
    config: MetricConfig
    healthy: str
    revision: int
    created: datetime


class ApiKey(Answered, frozen=True, kw_only=True):
    """`key` is there once, in the answer to its creation."""

    name: str
    role: Role
    quota: Quota | None
    created: datetime
    key: str | None = None


class AbsentService(Answered, frozen=True, kw_only=True):
    """A service that only the reference system has."""

    name: str
    version: str
    status: str
    reason: str


class BuildInfo(Answered, frozen=True, kw_only=True):
    name: str
    version: str
    python_version: str
    runtimes: list[str] | None = None
